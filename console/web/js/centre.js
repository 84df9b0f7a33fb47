// @ts-check
// The centre's time. It is the server's, not this computer's, and in a demonstration it may run faster.

class Centre {
  #told = Date.now();
  #at = performance.now();
  speed = 1;

  /** @param {{now: number, speed: number}} clock */
  set({ now, speed }) {
    this.#told = now;
    this.#at = performance.now();
    this.speed = speed > 0 ? speed : 1;
  }
  /** Milliseconds of Unix time. */
  now() {
    return this.#told + (performance.now() - this.#at) * this.speed;
  }
}

export const centre = new Centre();
