/** Work of which no two pieces may overlap: each begins when the one before is over, however that ended. */
export class OneAtATime {
  #last: Promise<unknown> = Promise.resolve();

  take<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => {});
    return result;
  }
}
