import type { StreamsContext } from './context.ts';

/** The first targets of a group wait until more members have joined; the time runs from the first of them. */
export function delayFirstAssignment(context: StreamsContext, groupId: string): void {
  const { initialRebalanceDelayMs } = context.config.streams.of(groupId);
  if (initialRebalanceDelayMs === 0 || isFirstAssignmentDelayed(context, groupId)) return;
  context.timer.schedule(timerName(groupId), initialRebalanceDelayMs, () =>
    context.initialDelayEnded(groupId),
  );
}

export function isFirstAssignmentDelayed(context: StreamsContext, groupId: string): boolean {
  return context.timer.has(timerName(groupId));
}

/** The group is gone. */
export function cancelInitialDelay(context: StreamsContext, groupId: string): void {
  context.timer.cancel(timerName(groupId));
}

/** Ids may hold any character but not a NUL. */
function timerName(groupId: string): string {
  return `streams initial delay\0${groupId}`;
}
