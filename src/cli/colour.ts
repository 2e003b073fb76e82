import { styleText } from 'node:util';

type Style = 'red' | 'yellow' | 'green' | 'bold' | 'dim';

/**
 * The text in colour where standard output is a terminal that shows colours, and NO_COLOR does not forbid
 * them.
 */
export function coloured(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}
