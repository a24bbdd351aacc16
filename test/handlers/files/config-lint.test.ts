import { describe, expect, it } from '@jest/globals';
import { configWarnings, type OptionRule } from '../../../handlers/files/config-lint.ts';

const rule: OptionRule = {
  section: 'filter_scheduler',
  option: 'enabled_filters',
  change: 'gone',
  values: ['AvailabilityZoneFilter'],
  since: 'bobcat',
  note: 'Take it out.',
};

describe("an operator's new file", () => {
  it('is told where a value names what is gone', () => {
    const file = '[filter_scheduler]\nenabled_filters = ComputeFilter,AvailabilityZoneFilter\n';

    expect(configWarnings(file, [rule])).toEqual([
      'line 2, [filter_scheduler] enabled_filters: names AvailabilityZoneFilter, gone since bobcat. Take it out.',
    ]);
  });

  it('is well where the value names what is left', () => {
    expect(
      configWarnings('[filter_scheduler]\nenabled_filters = MyAvailabilityZoneFilter\n', [rule]),
    ).toEqual([]);
    expect(configWarnings('[other]\nenabled_filters = AvailabilityZoneFilter\n', [rule])).toEqual(
      [],
    );
  });

  it('is told of driver classes and of names with a description, in any section', () => {
    const any = { ...rule, section: '*', option: 'volume_driver', values: ['OldDriver', 'v1'] };

    expect(configWarnings('[lvm]\nvolume_driver = a.b.OldDriver\n', [any])).toHaveLength(1);
    expect(configWarnings('[x]\nvolume_driver = v1:the first,v2:the second\n', [any])).toHaveLength(
      1,
    );
  });
});
