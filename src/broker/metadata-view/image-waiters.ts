import type { World } from '../../base/world.ts';
import type { ClusterImage } from '../../metadata/image.ts';

/** Those who changed something through the controller and want to see it here before they go on. */
export class ImageWaiters {
  readonly #world: World;
  readonly #image: () => ClusterImage;
  readonly #waiting = new Set<{ check(image: ClusterImage): void }>();

  constructor(world: World, image: () => ClusterImage) {
    this.#world = world;
    this.#image = image;
  }

  /** Resolves with whether the condition came to hold within the time. */
  until(condition: (image: ClusterImage) => boolean, timeoutMs: number): Promise<boolean> {
    if (condition(this.#image())) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = this.#world.clock.after(timeoutMs, () => {
        this.#waiting.delete(waiter);
        resolve(false);
      });
      const waiter = {
        check: (image: ClusterImage) => {
          if (!condition(image)) return;
          this.#waiting.delete(waiter);
          timer.cancel();
          resolve(true);
        },
      };
      this.#waiting.add(waiter);
    });
  }

  onImage(image: ClusterImage): void {
    for (const waiter of [...this.#waiting]) waiter.check(image);
  }
}
