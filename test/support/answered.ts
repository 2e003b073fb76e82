import { expect } from 'vitest';

/** What `fetch` resolves with, or what a test made of it. */
type Answer = Response | { readonly status: number };

/**
 * Resolves with the answer when it has this status. Fails the test with status and body of any other: a status
 * alone does not tell why.
 */
export async function answered<A extends Answer>(status: number, asked: A | Promise<A>): Promise<A> {
  const answer = await asked;
  if (answer.status === status) return answer;
  return expect.fail(`the status is ${answer.status}, not ${status}, with ${await bodyOf(answer)}`);
}

async function bodyOf(answer: Answer): Promise<string> {
  if (!(answer instanceof Response)) return JSON.stringify(answer);
  return answer.bodyUsed ? 'a body that the test has read' : `the body ${await answer.text()}`;
}
