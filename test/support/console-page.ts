/** A command of a page, with the output that the page shows. */
export interface ConsoleStep {
  readonly command: string;
  readonly output: string;
}

/** The commands of a page's console blocks, in order. */
export function consoleSteps(page: string): ConsoleStep[] {
  return [...page.matchAll(/^```console\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']) => stepsOf(block));
}

/**
 * The commands of one block: each is a line after a `$`, and the lines up to the next command are its output.
 */
export function stepsOf(block: string): ConsoleStep[] {
  return block
    .split(/^\$ /m)
    .slice(1)
    .map((step) => {
      const [command = '', ...output] = step.trimEnd().split('\n');
      return { command, output: output.join('\n') };
    });
}
