/** Files and connections that a broker cannot do without. */
export const FEWEST_OPEN_FILES = 128;
/** Every system allows a process so many; with fewer, connections may be refused. */
export const ENOUGH_OPEN_FILES = 1024;
