import { describe, expect, it } from '@jest/globals';
import { servicesOf } from '../../../openstack/cloud/placed.ts';
import { labOf } from '../lab-frame.ts';
import { labRoles, labServices } from '../../support/openstack/lab-services.ts';

describe('a service of a cloud', () => {
  it('is on every host that has a part of it, each once, in the order of the file', () => {
    const cloud = labOf({
      series: 'zed',
      roles: labRoles,
      services: {
        ...labServices,
        openstack: { nova: { parts: { compute: ['cmp1', 'ctl1'], control: 'ctl1' } } },
      },
    });

    const { nova } = servicesOf(cloud).openstack;

    expect(Object.keys(cloud.hosts)).toEqual(['repo1', 'db1', 'ctl1', 'lb1', 'cmp1']);
    expect(nova?.hosts).toEqual(['ctl1', 'cmp1']);
  });
});
