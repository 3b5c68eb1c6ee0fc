import { once } from 'node:events';

/** Prints text on stdout and waits while the reader is slow, so that nothing piles up in memory. */
export async function print(text: string): Promise<void> {
  const { stdout } = process;
  if (stdout.destroyed || stdout.write(text)) return;
  await Promise.race([once(stdout, 'drain'), once(stdout, 'close')]).catch(ignoreBrokenPipe);
}

/** Goes on with the work when the reader of a pipe has gone, as in `mien train | head`; nothing more is printed. */
export function outliveReader(): void {
  process.stdout.on('error', ignoreBrokenPipe);
}

function ignoreBrokenPipe(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
}

/** Prints one JSON document. */
export function printJson(document: unknown): Promise<void> {
  return print(`${JSON.stringify(document, null, 2)}\n`);
}

/** Prints what a verb found: with `--json` the document, else the text for people. */
export function report(json: true | undefined, document: unknown, text: () => string): Promise<void> {
  return json === true ? printJson(document) : print(text());
}

/** Ends quietly when the reader of a pipe has gone, as in `mien predict folder | head`. */
export function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
}
