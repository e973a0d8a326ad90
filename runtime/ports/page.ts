/** Which part of a long listing is wanted. */
export interface PageRequest {
  /** At most this many items. @default 100 */
  readonly size?: number;
  /** `next` of the page before; absent for the first page. */
  readonly after?: string;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Give it as `after` to get the next page; absent on the last. */
  readonly next?: string;
}

/** Walks all pages of a listing. */
export async function* eachItem<Item>(
  readPage: (page: PageRequest) => Promise<Page<Item>>,
  size = 100,
): AsyncGenerator<Item, void, undefined> {
  let after: string | undefined;
  do {
    const page = await readPage({ size, ...(after !== undefined && { after }) });
    yield* page.items;
    after = page.next;
  } while (after !== undefined);
}
