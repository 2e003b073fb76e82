/**
 * A heap: takes out what is least, in logarithmic time. What is in it must not change its place in the order.
 */
export class LeastFirst<Item> {
  readonly #items: Item[] = [];
  readonly #isLess: (one: Item, other: Item) => boolean;

  constructor(isLess: (one: Item, other: Item) => boolean, items: Iterable<Item>) {
    this.#isLess = isLess;
    for (const item of items) this.put(item);
  }

  put(item: Item): void {
    const items = this.#items;
    let place = items.push(item) - 1;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = items[above];
      if (parent === undefined || !this.#isLess(item, parent)) break;
      items[place] = parent;
      place = above;
    }
    items[place] = item;
  }

  /** The least, which is no longer in it; undefined when it is empty. */
  take(): Item | undefined {
    const items = this.#items;
    const least = items[0];
    const last = items.pop();
    if (least === undefined || last === undefined || items.length === 0) return least;
    let place = 0;
    for (;;) {
      const left = 2 * place + 1;
      const [one, other] = [items[left], items[left + 1]];
      if (one === undefined) break;
      const [below, child] =
        other !== undefined && this.#isLess(other, one) ? [left + 1, other] : [left, one];
      if (!this.#isLess(child, last)) break;
      items[place] = child;
      place = below;
    }
    items[place] = last;
    return least;
  }
}
