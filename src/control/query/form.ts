/** A member of a request or an answer. */
export type Members = { [name: string]: unknown };

/**
 * The members of a form of AWS's Query protocol: `Tags.member.1.Key=a` is the member `Key` of the first item
 * of the list `Tags`. Null for a form that contradicts itself, or is deeper or longer than any request is.
 */
export function formMembers(form: URLSearchParams): Members | null {
  const root = emptyNode();
  let count = 0;
  for (const [path, value] of form) {
    const parts = path.split('.');
    if (++count > MOST_MEMBERS || parts.length > MOST_PARTS) return null;
    let node = root;
    for (const part of parts) {
      const next: Node = node.children.get(part) ?? emptyNode();
      node.children.set(part, next);
      node = next;
    }
    if (node.text !== null || node.children.size > 0) return null;
    node.text = value;
  }
  const members = valueOfNode(root);
  return members === CONTRADICTION || typeof members === 'string' ? null : (members as Members);
}

/** Above what any operation here takes. */
const MOST_MEMBERS = 1_000;
const MOST_PARTS = 8;

interface Node {
  text: string | null;
  readonly children: Map<string, Node>;
}

const CONTRADICTION = Symbol('contradiction');

function emptyNode(): Node {
  return { text: null, children: new Map() };
}

function valueOfNode({ text, children }: Node): unknown {
  if (text !== null) return children.size > 0 ? CONTRADICTION : text;
  const items = children.get('member');
  if (items && children.size === 1) return listOf(items);
  const members: Members = {};
  for (const [name, child] of children) {
    const value = valueOfNode(child);
    if (value === CONTRADICTION) return CONTRADICTION;
    // Whatever the name is, it is a member and nothing else.
    Object.defineProperty(members, name, { value, enumerable: true });
  }
  return members;
}

/** In the order of their numbers. An empty list travels as its name alone. */
function listOf({ text, children }: Node): unknown {
  if (text !== null) return text === '' && children.size === 0 ? [] : CONTRADICTION;
  const numbered = [...children].map(([number, child]) => ({
    number: Number(number),
    value: valueOfNode(child),
  }));
  if (numbered.some(({ number, value }) => !Number.isSafeInteger(number) || value === CONTRADICTION))
    return CONTRADICTION;
  return numbered.sort((a, b) => a.number - b.number).map(({ value }) => value);
}
