import { type LinearPattern, linearPattern } from '../../base/linear-pattern.ts';
import { type JavaReplacement, javaReplacement } from './java-replacement.ts';

/** Makes names of principals from the distinguished names of certificates. */
export interface PrincipalMapping {
  /** The name; null when no rule is for it: then the client is nobody, and is not let in. */
  nameOf(distinguishedName: string): string | null;
}

/** Names as they are. */
export const unmapped: PrincipalMapping = { nameOf: (distinguishedName) => distinguishedName };

/** More than anybody writes; each pattern costs memory. */
const MOST_RULES = 100;

/**
 * Rules as Kafka's ssl.principal.mapping.rules has them, tried in order: `RULE:pattern/replacement/`, with L
 * or U after it for lower or upper case, and `DEFAULT` for the name as it is. Patterns are in the syntax of
 * RE2, whose time is linear in a name that a client chose. What Kafka would find wrong with a rule at the
 * first client is an error here.
 */
export async function principalMapping(
  rules: string,
): Promise<PrincipalMapping | { readonly error: string }> {
  const texts = splitRules(rules);
  if ('error' in texts) return texts;
  if (texts.rules.length > MOST_RULES) return { error: `there are more than ${MOST_RULES} rules` };
  const parsed: Rule[] = [];
  for (const text of texts.rules) {
    const rule = await compiled(text);
    if ('error' in rule) return rule;
    parsed.push(rule);
  }
  return {
    nameOf(distinguishedName) {
      for (const rule of parsed) {
        const name = rule.apply(distinguishedName);
        if (name !== null) return name;
      }
      return null;
    },
  };
}

interface Rule {
  apply(name: string): string | null;
}

type RuleText =
  | 'DEFAULT'
  | { readonly pattern: string; readonly replacement: string; readonly letters: string };

async function compiled(rule: RuleText): Promise<Rule | { readonly error: string }> {
  if (rule === 'DEFAULT') return { apply: (name) => name };
  const pattern = await linearPattern(rule.pattern);
  if ('error' in pattern) return { error: `the pattern ${rule.pattern}: ${pattern.error}` };
  const replacement = javaReplacement(rule.replacement, pattern);
  if ('error' in replacement) return { error: `the replacement ${rule.replacement}: ${replacement.error}` };
  return { apply: (name) => applied(name, pattern, replacement, rule.letters) };
}

function applied(
  name: string,
  pattern: LinearPattern,
  replacement: JavaReplacement,
  letters: string,
): string | null {
  if (!pattern.matches(name)) return null;
  const replaced = pattern.replaceAll(name, (groups) => replacement.of(groups));
  if (letters === 'L') return replaced.toLowerCase();
  return letters === 'U' ? replaced.toUpperCase() : replaced;
}

/**
 * A rule's pattern and replacement may have commas; a slash or backslash in them stands after a backslash.
 */
const RULE = /RULE:((?:\\.|[^\\/])*)\/((?:\\.|[^\\/])*)\//y;
const DEFAULT = /DEFAULT/y;
const END = /([^,]*?)\s*(?:,\s*|$)/y;

function splitRules(text: string): { readonly rules: readonly RuleText[] } | { readonly error: string } {
  const rules: RuleText[] = [];
  const given = text.trim();
  let at = 0;
  while (at < given.length) {
    const begins = at;
    RULE.lastIndex = DEFAULT.lastIndex = at;
    const isDefault = DEFAULT.test(given);
    const rule = isDefault ? null : RULE.exec(given);
    at = rule ? RULE.lastIndex : isDefault ? DEFAULT.lastIndex : at;
    END.lastIndex = at;
    const [, rest = ''] = END.exec(given) ?? [];
    const next = END.lastIndex;
    const whole = given.slice(begins, at + rest.length);
    at = next;
    // Nothing between two commas is no rule and no error.
    if (whole === '') continue;
    const [, pattern = '', replacement = ''] = rule ?? [];
    if (isDefault && rest === '') rules.push('DEFAULT');
    else if (rule && /^[LU]?$/.test(rest)) rules.push({ pattern, replacement, letters: rest });
    else return { error: `invalid rule: ${whole}` };
  }
  return { rules };
}
