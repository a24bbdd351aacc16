import { describe, expect, it } from '@jest/globals';
import { isScalar, parseDocument } from 'yaml';
import { locateYamlPath, yamlPathAt, yamlPathText } from '../../../jobs/files/yaml-path.ts';

const text = `base: &base
  user: ops
  port: 22
hosts:
  ctl1: { <<: *base, port: 2222, roles: [control, network] }
  ctl2: *base
`;
const doc = parseDocument(text, { merge: true });

const valueAt = (...path: PropertyKey[]): unknown => {
  const { node, exact } = locateYamlPath(doc, path);
  return exact && isScalar(node) ? node.value : undefined;
};

describe('a path in a YAML file', () => {
  it('leads through mappings, lists, aliases and merge keys, whose own keys win', () => {
    expect(valueAt('hosts', 'ctl1', 'roles', 1)).toBe('network');
    expect(valueAt('hosts', 'ctl2', 'user')).toBe('ops');
    expect(valueAt('hosts', 'ctl1', 'user')).toBe('ops');
    expect(valueAt('hosts', 'ctl1', 'port')).toBe(2222);
  });

  it('leads to the nearest place above what is not there', () => {
    const place = locateYamlPath(doc, ['hosts', 'ctl1', 'address']);
    expect(place.exact).toBe(false);
    expect(isScalar(place.key) && place.key.value).toBe('ctl1');
    expect(locateYamlPath(doc, ['hosts', 'ctl1', 'roles', 7]).exact).toBe(false);
  });

  it('is found again by where its key stands', () => {
    expect(yamlPathAt(doc, text.indexOf('roles'))).toEqual(['hosts', 'ctl1', 'roles']);
    expect(yamlPathAt(doc, 1)).toBeUndefined();
  });

  it('is said as people write it', () => {
    expect(yamlPathText([])).toBe('top level');
    expect(yamlPathText(['hosts', 'ctl1', 'roles', 0])).toBe('hosts.ctl1.roles[0]');
    expect(yamlPathText([2, 'id'])).toBe('[2].id');
  });
});
