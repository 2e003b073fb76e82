import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');

/** All pages for readers, as paths relative to the root of the project. */
export const PAGES: readonly string[] = [
  'README.md',
  'SECURITY.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** The code blocks of a page, in order, without their fences. */
export function blocks(page: string): string[] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  return [...text.matchAll(/^```\w*\n([\s\S]*?)^```$/gm)].map(([, inside = '']) => inside.trimEnd());
}

/** The code block that begins so. Throws unless the page has exactly one. */
export function block(page: string, begins: string): string {
  const [found, ...more] = blocks(page).filter((text) => text.startsWith(begins));
  if (found === undefined || more.length > 0)
    throw new Error(
      `${page} has ${more.length > 0 ? 'several blocks' : 'no block'} that begin with ${begins}`,
    );
  return found;
}
