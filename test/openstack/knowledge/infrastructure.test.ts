import { describe, expect, it } from '@jest/globals';
import { queueVersionsAfter } from '../../../openstack/path/queue-jump.ts';
import { knowledge } from '../known.ts';

const { rabbitmq, mariadb } = knowledge.infrastructure;

describe('what the services stand on', () => {
  it.each([
    ['3.9.27', ['3.10']],
    ['3.12.1', ['3.13']],
    ['4.1.4', ['4.2']],
    ['4.2.0', ['4.3']],
  ])('RabbitMQ %s may become %j in one go', (version, to) => {
    expect(queueVersionsAfter(rabbitmq, version)?.to).toEqual(to);
  });

  it('is known for each release of a distribution that is known to carry it', () => {
    const { distributions } = knowledge.distributions;

    for (const carried of [rabbitmq.carried, mariadb.carried])
      expect(
        Object.keys(carried).filter((codename) => distributions[codename] === undefined),
      ).toEqual([]);
    expect([rabbitmq.carried['jammy'], rabbitmq.carried['noble']]).toEqual(['3.9', '3.12']);
    expect([mariadb.carried['jammy'], mariadb.carried['noble']]).toEqual(['10.6', '10.11']);
  });
});
