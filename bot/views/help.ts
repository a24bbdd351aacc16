import { meantBy, subcommandOf, subcommands, usageOf } from '../commands/index.ts';
import { type Message, said, sections } from './blocks.ts';
import { code, plain } from './text.ts';

/** What can be typed; with a topic, what that word does. */
export function helpMessage(topic?: string): Message {
  const subcommand = topic === undefined ? undefined : subcommandOf(topic);
  if (subcommand === undefined) return topic === undefined ? overview() : unknownTopic(topic);
  const lines = [
    `${code(usageOf(subcommand))}  ${subcommand.about}`,
    ...(subcommand.more === undefined ? [] : [subcommand.more]),
    `For example: ${code(`/upgrade ${subcommand.example}`)}`,
  ];
  return said(lines.join('\n'));
}

function overview(): Message {
  const lines = subcommands.map(
    (subcommand) => `${code(usageOf(subcommand))}  ${subcommand.about}`,
  );
  return {
    text: 'What you can type after /upgrade',
    blocks: sections([
      '*What you can type*',
      ...lines,
      'RUN is the id on the card, such as `7f3a12`. Everything a button does has a word.',
    ]),
  };
}

function unknownTopic(topic: string): Message {
  const meant = meantBy(topic);
  const text = `I don't know the word "${plain(topic, 60)}".${meant === undefined ? '' : ` Did you mean ${meant}?`} The words: ${code('/upgrade help')}`;
  return said(text);
}
