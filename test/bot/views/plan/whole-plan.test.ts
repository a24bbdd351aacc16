import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { planFiles } from '../../../../bot/views/plan/plan-files.ts';
import { upgradeDetails } from '../../../../bot/views/plan/upgrade-plan.ts';
import { type Command, toShell } from '../../../../handlers/contract/command.ts';
import type { Plan } from '../../../../jobs/run/plan.ts';
import { maskSecrets } from '../../../../handlers/redaction/redact.ts';
import { junoCloud, junoFacts, planJuno as planned } from '../../../openstack/juno-cloud.ts';
import { drawnMessage } from '../../../support/slack/drawn.ts';
import { composePlan } from '../../../../jobs/run/compose.ts';

/** The whole path, as `/upgrade plan` posts it. */
const whole = (): Plan =>
  composePlan(
    structuredClone(junoCloud),
    planned({ cloud: structuredClone(junoCloud) }),
    'openstack:liberty',
  );
const plan = whole();

/** What a reader has in front of him: the text of each step, by number, and each script by its name. */
interface Read {
  readonly steps: readonly string[];
  readonly scripts: ReadonlyMap<string, string>;
}

const thread = (): Read => {
  // As Slack shows it: a line that goes on after an arrow is one line, code has no backticks; what cannot be seen is named.
  const text = upgradeDetails(plan)
    .map(drawnMessage)
    .join('\n')
    .replaceAll('`\n↳ `', '')
    .replaceAll(/^`(.*)`$/gm, '$1')
    .replaceAll('\n(ˋ stands for a backtick)', '')
    .replaceAll('ˋ', '`')
    .replaceAll('⟨U+0009⟩', '\t')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
  const [commands = '', scripts = ''] = text.split('*The scripts in these commands, whole*\n');
  return {
    steps: commands.split(/^(?=\*\d+\. )/m).slice(1),
    scripts: named(scripts.split(/^\*Script `([0-9a-f]{8})`\*\n/m)),
  };
};

const markdown = (): Read => {
  const text = (planFiles(plan)[0]?.content ?? '').replaceAll(/^ {4}/gm, '');
  const [commands = '', scripts = ''] = text.split('## The scripts in these commands, whole\n');
  return {
    steps: commands.split(/^(?=### \d+\. )/m).slice(1),
    scripts: named(scripts.split(/^### Script ([0-9a-f]{8})\n\n/m)),
  };
};

const named = ([, ...parts]: readonly string[]): Map<string, string> =>
  new Map(
    parts.flatMap((name, index) =>
      index % 2 === 0 ? [[name, (parts[index + 1] ?? '').trimEnd()]] : [],
    ),
  );

/** Each word of a command: itself, or the script that a name in its place stands for. */
function missing(step: string, scripts: Read['scripts'], { words }: Command): string[] {
  return words.filter((word, index) => {
    const shown = index === 0 ? toShell([word]) : toShell(['-', word]).slice(2);
    if (step.includes(shown)) return false;
    const name = createHash('sha256').update(word).digest('hex').slice(0, 8);
    return !(step.includes(`sha256 ${name}⟩`) && scripts.get(name) === word.trimEnd());
  });
}

describe.each([
  ['the thread', thread],
  ['the Markdown', markdown],
])('%s of a plan from Juno to Liberty', (_where, read) => {
  const { steps, scripts } = read();

  it('has every step, in order, with every host', () => {
    expect(steps).toHaveLength(plan.steps.length);
    for (const [index, { title, hosts }] of plan.steps.entries()) {
      expect(steps[index]).toContain(`${index + 1}. ${title}`);
      expect(steps[index]).toContain(`on ${hosts.join(', ')}`);
    }
  });

  it('has every word of every command', () => {
    const left = plan.steps.flatMap(({ id, apply }, index) =>
      apply.flatMap((command) =>
        missing(steps[index] ?? '', scripts, command).map((word) => `${id}: ${word}`),
      ),
    );

    expect(left).toEqual([]);
    expect(plan.steps.flatMap(({ apply }) => apply).length).toBeGreaterThan(plan.steps.length);
  });

  it('has all that goes to a standard input, at least as a fingerprint', () => {
    for (const [index, { apply }] of plan.steps.entries())
      for (const { stdin } of apply) {
        if (stdin === undefined) continue;
        const print = createHash('sha256').update(stdin).digest('hex').slice(0, 16);
        const isThere = steps[index]?.includes(print) || steps[index]?.includes(stdin.trimEnd());
        expect([plan.steps[index]?.id, isThere]).toEqual([plan.steps[index]?.id, true]);
      }
  });
});

describe('the Markdown of a plan with configuration files', () => {
  const secret = 'admin_token = hush\ntransport_url = rabbit://a:hush@mq1,a:hush@mq2/\n';
  const configFiles = Object.fromEntries(
    Object.keys(junoFacts.configFiles).map((file) => [
      file,
      `# <${file}>\n\n\tx = \u202e1\n${secret}`,
    ]),
  );
  const runbook = planned({
    cloud: structuredClone(junoCloud),
    facts: { ...junoFacts, configFiles },
  });
  const files = planFiles(composePlan(structuredClone(junoCloud), runbook, 'openstack:liberty'));
  const text = files[0]?.content ?? '';

  it('has each of them to be read, under the fingerprint that stands with its command', () => {
    for (const content of Object.values(configFiles)) {
      const print = createHash('sha256').update(content).digest('hex');
      const shown = maskSecrets(content).trimEnd().replace('\u202e', '⟨U+202E⟩');

      expect(text).toContain(`bytes, sha256 ${print}`);
      expect(text.split(`### Input ${print.slice(0, 16)}\n`)).toHaveLength(2);
      expect(text).toContain(
        `### Input ${print.slice(0, 16)}\n\n${shown.replaceAll(/^/gm, '    ')}\n`,
      );
    }
  });

  it('has none of their secrets', () => {
    expect(files.map(({ content }) => content).join('')).not.toContain('hush');
  });
});

describe('the JSON of a plan from Juno to Liberty', () => {
  it('has every step, host and command', () => {
    const Steps = z.object({
      steps: z.array(
        z.object({
          id: z.string(),
          hosts: z.array(z.string()),
          commands: z.array(z.object({ words: z.array(z.string()) })),
        }),
      ),
    });

    expect(Steps.parse(JSON.parse(planFiles(plan)[1]?.content ?? '')).steps).toEqual(
      plan.steps.map(({ id, hosts, apply }) => ({
        id,
        hosts,
        commands: apply.map(({ words }) => ({ words })),
      })),
    );
  });
});

describe('the same inputs', () => {
  it('give the same bytes everywhere', () => {
    const again = whole();

    expect(JSON.stringify(planFiles(again))).toBe(JSON.stringify(planFiles(plan)));
    expect(JSON.stringify(upgradeDetails(again))).toBe(JSON.stringify(upgradeDetails(plan)));
  });
});
