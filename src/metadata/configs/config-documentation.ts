import type { ConfigKey } from './config-key.ts';

/** What a config means, and why it means nothing here where that is so. */
export function documentation({ doc, obedience }: ConfigKey): string {
  switch (obedience.when) {
    case 'never':
      return `${doc} It has no effect in Millrace: ${obedience.reason}.`;
    case 'refused':
      return `${doc} Millrace accepts only the default: ${obedience.reason}.`;
    default:
      return doc;
  }
}
