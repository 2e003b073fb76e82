/**
 * The points at which the tests kill the control plane: all of them with `npm run crashes`, otherwise every
 * third, beginning at a random one that is printed. MILLRACE_CRASHES_FROM=N begins at N again.
 */
const isEvery = process.env.MILLRACE_EVERY_CRASH === 'true';

export const STRIDE = isEvery ? 1 : 3;

export const FIRST_POINT = isEvery
  ? 1
  : Number(process.env.MILLRACE_CRASHES_FROM ?? 1 + Math.floor(Math.random() * STRIDE));

if (!isEvery)
  process.stdout.write(
    `kill -9 at every ${STRIDE}rd point, from MILLRACE_CRASHES_FROM=${FIRST_POINT}; all: npm run crashes\n`,
  );

/**
 * The least number of points that are visited, whichever is the first, of all `points` of all `kinds` of
 * changes.
 */
export function visited(points: number, kinds: number): number {
  return Math.floor((points - kinds * (STRIDE - 1)) / STRIDE);
}
