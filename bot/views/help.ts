import { probablyMeant, subcommandOf, subcommands, subcommandUsage } from '../commands/index.ts';
import { type Message, textMessage, sectionBlocks } from './blocks.ts';
import { inlineCode, oneLineMrkdwn } from './text.ts';

/** What can be typed; with a topic, what that word does. */
export function helpMessage(topic?: string): Message {
  const subcommand = topic === undefined ? undefined : subcommandOf(topic);
  if (subcommand === undefined) return topic === undefined ? overview() : unknownTopic(topic);
  const lines = [
    `${inlineCode(subcommandUsage(subcommand))}  ${subcommand.about}`,
    ...(subcommand.more === undefined ? [] : [subcommand.more]),
    `For example: ${inlineCode(`/upgrade ${subcommand.example}`)}`,
  ];
  return textMessage(lines.join('\n'));
}

function overview(): Message {
  const lines = subcommands.map(
    (subcommand) => `${inlineCode(subcommandUsage(subcommand))}  ${subcommand.about}`,
  );
  return {
    text: 'What you can type after /upgrade',
    blocks: sectionBlocks([
      '*What you can type*',
      ...lines,
      'RUN is the id on the card, such as `7f3a12`. Everything a button does has a word.',
    ]),
  };
}

function unknownTopic(topic: string): Message {
  const meant = probablyMeant(topic);
  const text = `I don't know the word "${oneLineMrkdwn(topic, 60)}".${meant === undefined ? '' : ` Did you mean ${meant}?`} The words: ${inlineCode('/upgrade help')}`;
  return textMessage(text);
}
