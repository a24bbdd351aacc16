import { capital } from '../../handlers/words/letters.ts';
import { type Message, sectionBlocks } from './blocks.ts';
import { countText, fewNames, inlineCode, oneLineMrkdwn } from './text.ts';

export type ListedCloud = { readonly name: string } & (
  | { readonly environment: string; readonly hosts: number; readonly release?: string }
  /** Its file can't be read. */
  | { readonly problem: string }
);

interface Listing {
  readonly clouds: readonly ListedCloud[];
  /** Clouds of others. */
  readonly hidden: number;
  readonly runbooks: readonly string[];
}

/** Clouds with release and environment, a line each, then the names of the runbooks. */
export function cloudList({ clouds, hidden, runbooks }: Listing): Message {
  const [first] = clouds;
  const others = hidden === 0 ? [] : [`${countText(hidden, 'cloud')} of others`];
  const lines = [
    ...(first === undefined
      ? ['*Clouds*  none whose engineer or approver you are']
      : [`*Clouds*`, ...clouds.map(cloudLine)]),
    ...others,
    `*Runbooks*  ${runbooks.length === 0 ? 'none' : oneLineMrkdwn(fewNames(runbooks, 60), 2500)}`,
    `*Next*  ${inlineCode(`/upgrade inspect ${first?.name ?? 'CLOUD'}`)}, or a plan that changes nothing: ${inlineCode(`/upgrade plan ${first?.name ?? 'CLOUD'} RELEASE`)}`,
  ];
  return {
    text: `${countText(clouds.length, 'cloud')}, ${countText(runbooks.length, 'runbook')}`,
    blocks: sectionBlocks(lines).slice(0, 4),
  };
}

function cloudLine(cloud: ListedCloud): string {
  const name = inlineCode(cloud.name);
  if ('problem' in cloud) return `✗ ${name}  ·  ${oneLineMrkdwn(cloud.problem, 300)}`;
  const { environment, hosts, release } = cloud;
  const what = [
    ...(release === undefined ? [] : [capital(release)]),
    environment,
    countText(hosts, 'host'),
  ];
  return `${name}  ·  ${oneLineMrkdwn(what.join(' · '), 200)}`;
}
