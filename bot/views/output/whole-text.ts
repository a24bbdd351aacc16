import { asOnTerminal } from '../text.ts';

/** A block takes some 100 ms, and whoever masks many lets others in between. */
const blockLines = 1500;
/** No secret has more lines: a private key of 16,384 bits has 200. */
const aroundLines = 220;

/**
 * A long output as people may read it, in pieces: as on a terminal, and without secrets. What is a secret shows in the lines
 * around it, so each piece is masked together with these. Throws where `mask` does not keep the number of lines.
 */
export function* maskedPieces(output: string, mask: (text: string) => string): Generator<string> {
  const lines = output.trimEnd().split('\n');
  for (let from = 0; from < lines.length; from += blockLines) {
    const first = Math.max(0, from - aroundLines);
    const around = lines.slice(first, from + blockLines + aroundLines).map(asOnTerminal);
    const shown = mask(around.join('\n')).split('\n');
    if (shown.length !== around.length) throw new Error('masking an output changed its lines');
    yield `${shown.slice(from - first, from - first + blockLines).join('\n')}\n`;
  }
}
