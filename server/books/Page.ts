/** A slice of a list: at most `limit` items after the `cursor` an earlier page ended with. */
export interface PageRequest {
  readonly limit: number
  readonly cursor?: string
}

export interface Page<A> {
  readonly items: ReadonlyArray<A>
  /** Where the next page begins; absent on the last. */
  readonly next?: string
}
