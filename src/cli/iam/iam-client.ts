import { ApiClient } from '../api-client.ts';

/** The version of IAM's API, which every request says. */
const VERSION = '2010-05-08';

/** IAM of a running Millrace, which is at the address of the MSK API. */
export class IamClient {
  readonly #api: ApiClient;

  constructor(endpoint: string) {
    this.#api = new ApiClient(endpoint);
  }

  /**
   * The members of the answer to an action such as `CreateUser`; none where it has none. Rejects with
   * Failure, whose code is IAM's.
   */
  async ask(
    action: string,
    members: Readonly<Record<string, string>> = {},
  ): Promise<Record<string, unknown>> {
    const answer = await this.#api.form({ Action: action, Version: VERSION, ...members });
    return fields(fields(answer[`${action}Response`])[`${action}Result`]);
  }

  /** All items of the list that is the member `name` of the action's answers, page after page. */
  async all(
    action: string,
    name: string,
    members: Readonly<Record<string, string>> = {},
  ): Promise<unknown[]> {
    const items: unknown[] = [];
    let page: Readonly<Record<string, string>> = {};
    for (;;) {
      const answer = await this.ask(action, { ...members, ...page });
      const some = answer[name];
      if (Array.isArray(some)) items.push(...some);
      if (answer.IsTruncated !== true) return items;
      page = { Marker: String(answer.Marker) };
    }
  }
}

/** The members of what IAM answered; none where it is no object. */
export function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/** IAM's seconds since 1970 as a date of this form: 2026-11-30T03:30:00Z. */
export function dateText(seconds: unknown): string {
  return typeof seconds === 'number' ? `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z` : '';
}
