/**
 * The marks of our own colours (`colour.ts`), and whatever else a terminal would obey or show in another
 * order than it was written.
 */
const OWN_STYLE = '\\x1b\\[(?:1|2|22|31|32|33|39)m';
const OBEYED = '[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u202a-\\u202e\\u2066-\\u2069]';
const MARKS = new RegExp(`${OWN_STYLE}|${OBEYED}`, 'g');

/**
 * Text for a terminal. Names of groups, users and clients, and records, were chosen by whoever may use the
 * cluster: what a terminal would obey (move the cursor, change the title, answer) is shown as `\u001b`
 * instead. JSON stays the same JSON. Tabs and ends of lines stay.
 */
export function shownText(text: string): string {
  return text.replace(MARKS, (mark) => (mark.length > 1 ? mark : `\\u${hex(mark)}`));
}

function hex(mark: string): string {
  return mark.charCodeAt(0).toString(16).padStart(4, '0');
}
