import { type Cloud, hostTarget } from '../../jobs/files/cloud.ts';
import type { InspectRequest } from '../../jobs/redis/inspect-request.ts';
import { inspectionChecks } from './checks/index.ts';
import type { Knowledge } from '../knowledge/knowledge.ts';
import type { InspectionQuestion } from './question.ts';
import { type InspectionSubject, inspectionSubject } from './subject.ts';

/** All that inspection asks, always in the same order: the answers come without the questions. */
export const inspectionQuestions = (subject: InspectionSubject): InspectionQuestion[] =>
  inspectionChecks.flatMap(({ id, ask }) =>
    ask(subject).map((asked): InspectionQuestion => ({ ...asked, check: id })),
  );

/** Read-only commands for every host of a cloud. Throws `NoServices` or `BadServices`. */
export function inspectionRequest(cloud: Cloud, knowledge: Knowledge): InspectRequest {
  const asked = inspectionQuestions(inspectionSubject(cloud, knowledge));
  return {
    become: cloud.ssh.become,
    hosts: Object.fromEntries(
      Object.keys(cloud.hosts).map((host) => [
        host,
        {
          target: hostTarget(cloud, host),
          commands: asked
            .filter((question) => question.host === host)
            .flatMap(({ commands }) => [...commands]),
        },
      ]),
    ),
  };
}
