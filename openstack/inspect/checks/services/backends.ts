import { haproxyStatCommand } from '../../commands.ts';
import type { InspectedBackend } from '../../inspection.ts';
import type { CheckAnswer, CheckContext, InspectionCheck } from '../check.ts';

/** The servers that HAProxy has behind the backends of the cloud's file. */
export const backendsCheck: InspectionCheck = {
  id: 'backends',
  ask: ({ services: { loadBalancer } }) =>
    loadBalancer === undefined
      ? []
      : loadBalancer.on.map((host) => ({
          host,
          called: 'the load balancer',
          commands: [haproxyStatCommand(loadBalancer.socket)],
        })),
  read: (said, context) => ({
    found: { backends: said.flatMap((one) => backendsOn(one, context)) },
  }),
};

function backendsOn(
  { host, outputs: [out] }: CheckAnswer,
  { services }: CheckContext,
): InspectedBackend[] {
  if (out?.exit !== 0) return [];
  const rows = csv(out.stdout);
  return (services.loadBalancer?.backends ?? []).map(({ name }) => ({
    host,
    name,
    servers: rows
      .filter(
        (row) => row['pxname'] === name && !['FRONTEND', 'BACKEND'].includes(row['svname'] ?? ''),
      )
      .map((row) => ({
        name: row['svname'] ?? '',
        status: row['status'] ?? '',
        sessions: Number(row['scur'] ?? 0),
      })),
  }));
}

/** HAProxy quotes nothing in the columns that are read here. */
function csv(text: string): Record<string, string>[] {
  const [head = '', ...lines] = text.split('\n').filter((line) => line.trim() !== '');
  const names = head.replace(/^# /, '').split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(names.map((name, index) => [name, cells[index] ?? '']));
  });
}
