import { describe, expect, it } from '@jest/globals';
import type { CommandOutput } from '../../../../../handlers/contract/command.ts';
import type { CheckAnswer } from '../../../../../openstack/inspect/checks/check.ts';
import { messageQueueCheck } from '../../../../../openstack/inspect/checks/services/message-queue.ts';
import { labCloud } from '../../../lab-cloud.ts';
import { contextOn } from '../context.ts';

const context = contextOn(labCloud, 'zed');

const node = (host: string, said: Partial<CommandOutput>): CheckAnswer => ({
  host,
  outputs: [{ exit: 0, stdout: '', stderr: '', ...said }],
});

const found = (...answers: readonly CheckAnswer[]) => {
  const { findings = [], facts } = messageQueueCheck.read(answers, context);
  return { said: findings.map(({ level, what }) => `${level} ${what}`), version: facts?.rabbitmq };
};

describe('what inspection finds about RabbitMQ', () => {
  // As rabbitmqctl of 3.10.8 lists them.
  const queues = ['queue\tconductor\tclassic\tfalse', 'queue\tnotify\tquorum\ttrue'];
  const jump = 'warn RabbitMQ 3.10.8 may go to 3.11 next; the 4.0 of trixie is a forbidden jump';

  it('says that 4.0 is a forbidden jump from before 3.13, and which queues have to change', () => {
    const stdout = ['version\t3.10.8', 'answers', ...queues].join('\n');

    expect(found(node('db1', { stdout }))).toEqual({
      version: '3.10.8',
      said: [jump, 'note 1 of 2 queues are classic (1 of them transient)'],
    });
  });

  it('has nothing against 3.13, and takes the oldest of several nodes', () => {
    const of = (host: string, version: string) =>
      node(host, { stdout: `version\t${version}\nanswers\n` });

    expect(found(of('db1', '3.13.7'), of('db2', '3.13.2'))).toEqual({
      said: [],
      version: '3.13.2',
    });
  });

  it('does not call it down where its host is busy, and knows its version all the same', () => {
    // As `timeout` ends what Debian's rabbitmqctl runs through a login shell.
    const stderr = 'Session terminated, killing shell...';

    expect(found(node('db1', { exit: 124, stdout: 'version\t3.10.8\n', stderr }))).toEqual({
      version: '3.10.8',
      said: [
        'warn RabbitMQ was asked for 60 s and had not said all: what is told of it here is not the whole of it',
        jump,
      ],
    });
  });

  it('says so when it does not answer', () => {
    const stderr = 'Error: unable to perform an operation on node\n';

    expect(found(node('db1', { exit: 1, stdout: 'version\t3.13.7\n', stderr })).said).toEqual([
      'bad RabbitMQ does not answer: Error: unable to perform an operation on node',
    ]);
  });
});
