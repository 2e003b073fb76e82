import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { Terminal } from './output.ts';
import { shownText } from './shown-text.ts';

/** A group's name that sets the title of the window, goes up a line and clears it. */
const NAME = 'orders\x1b]0;gone\x07\x1b[1A\x1b[2K';

function printed(isTty: boolean): { terminal: Terminal; text(): string } {
  let all = '';
  const stream = (): NodeJS.WriteStream => {
    const through = Object.assign(new PassThrough(), { isTTY: isTty, columns: 80 });
    through.on('data', (chunk: Buffer) => {
      all += chunk.toString();
    });
    return through as unknown as NodeJS.WriteStream;
  };
  return { terminal: new Terminal({ stdout: stream(), stderr: stream() }), text: () => all };
}

test('a terminal is shown what a name would have it do, and does not do it', () => {
  const { terminal, text } = printed(true);
  terminal.line(NAME);
  terminal.complain(`There is no group ${NAME}.`);
  terminal.progress?.(NAME);
  const shown = 'orders\\u001b]0;gone\\u0007\\u001b[1A\\u001b[2K';
  expect(text()).toBe(`${shown}\nThere is no group ${shown}.\n${shown}`);
});

test('a file or a program gets what there is', () => {
  const { terminal, text } = printed(false);
  terminal.line(NAME);
  expect(text()).toBe(`${NAME}\n`);
});

test('of bytes that are one control character in a terminal of 8 bits, and of marks that turn text around, nothing is obeyed either', () => {
  expect(shownText('a\x9b2Jb\u202Ecba\u2066')).toBe('a\\u009b2Jb\\u202ecba\\u2066');
  expect(JSON.parse(shownText(JSON.stringify({ name: 'a\x9b\u202E' })))).toEqual({ name: 'a\x9b\u202E' });
});

test('our own colours, tabs, ends of lines and letters of every script stay', () => {
  const text = '\x1b[31merror\x1b[39m\tÄß 漢字 עברית\n\x1b[2mdim\x1b[22m';
  expect(shownText(text)).toBe(text);
  expect(shownText('\x1b[8mhidden\x1b[0m')).toBe('\\u001b[8mhidden\\u001b[0m');
});
