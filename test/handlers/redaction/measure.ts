import { readFileSync, readdirSync } from 'node:fs';
import { findSecrets } from '../../../handlers/redaction/redact.ts';

/** Kinds of which no secret may be shown; of the others most are hidden. */
export const promised: ReadonlySet<string> = new Set(
  'ini yaml json dict url query header sql shell xml haproxy rndc pem'.split(' '),
);

interface Secret {
  readonly kind: string;
  readonly start: number;
  readonly end: number;
}

/** A file or an output with its secrets marked `⟦kind|value⟧`; the first line says after what it was written. */
export interface Sample {
  readonly name: string;
  readonly source: string;
  readonly text: string;
  readonly secrets: readonly Secret[];
}

const folder = new URL('corpus/', import.meta.url);

export const readCorpus = (): Sample[] =>
  readdirSync(folder)
    .toSorted()
    .map((name) => sampleOf(name, readFileSync(new URL(name, folder), 'utf8')));

function sampleOf(name: string, file: string): Sample {
  const [, source = '', marked = ''] = /^%% source: (.+)\n([^]*)$/.exec(file) ?? [];
  const secrets: Secret[] = [];
  let text = '';
  let from = 0;
  for (const { 0: all, 1: kind = '', 2: value = '', index } of marked.matchAll(
    /⟦([a-z]+)\|([^⟧]*)⟧/g,
  )) {
    text += marked.slice(from, index);
    secrets.push({ kind, start: text.length, end: text.length + value.length });
    text += value;
    from = index + all.length;
  }
  return { name, source, text: text + marked.slice(from), secrets };
}

export interface Figures {
  readonly kinds: readonly {
    readonly kind: string;
    readonly of: number;
    readonly hidden: number;
  }[];
  /** Share of secrets of which no character is shown. */
  readonly recall: number;
  /** Share of hidden passages that hold a secret. */
  readonly precision: number;
  /** Share of hidden characters that are secret. */
  readonly characters: number;
  /** `file:line: what is shown or hidden` for every one that is wrong. */
  readonly shown: readonly string[];
  readonly overdone: readonly string[];
}

export function measure(corpus: readonly Sample[]): Figures {
  const all = corpus.map((sample) => ({ sample, found: findSecrets(sample.text) }));
  const judged = all.flatMap(({ sample, found }) =>
    sample.secrets.map((secret) => ({
      sample,
      secret,
      isHidden: found.some(({ start, end }) => start <= secret.start && end >= secret.end),
    })),
  );
  const passages = all.flatMap(({ sample, found }) =>
    found.map((span) => ({
      sample,
      span,
      secret: sample.secrets.reduce(
        (sum, { start, end }) =>
          sum + Math.max(0, Math.min(end, span.end) - Math.max(start, span.start)),
        0,
      ),
    })),
  );
  const kinds = [...new Set(judged.map(({ secret }) => secret.kind))].toSorted();
  const hidden = sumOf(passages.map(({ span }) => span.end - span.start));
  return {
    kinds: kinds.map((kind) => {
      const ofKind = judged.filter(({ secret }) => secret.kind === kind);
      return { kind, of: ofKind.length, hidden: ofKind.filter(({ isHidden }) => isHidden).length };
    }),
    recall: judged.filter(({ isHidden }) => isHidden).length / judged.length,
    precision: passages.filter(({ secret }) => secret > 0).length / passages.length,
    characters: sumOf(passages.map(({ secret }) => secret)) / hidden,
    shown: judged.flatMap(({ sample, secret, isHidden }) =>
      isHidden ? [] : [place(sample, secret)],
    ),
    overdone: passages.flatMap(({ sample, span, secret }) =>
      secret === span.end - span.start ? [] : [place(sample, span)],
    ),
  };
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0);

function place({ name, text }: Sample, { start, end }: { start: number; end: number }): string {
  const line = text.slice(0, start).split('\n').length;
  return `${name}:${line}: ${text.slice(start, end)}`;
}
