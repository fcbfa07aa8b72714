import type { Page } from "../books/Page.ts"
import { isUuid } from "./columns.ts"

/** The where clause of a list, put together from those filters that were given. */
export class Conditions {
  readonly params: Array<unknown> = []
  private readonly conditions: Array<string> = []
  /** What was asked for can be in no row: there is nothing to ask the database. */
  isNever = false

  get text(): string {
    return this.conditions.length === 0 ? "true" : this.conditions.join(" and ")
  }

  /** A parameter; returns its placeholder. */
  add(value: unknown): string {
    this.params.push(value)
    return `$${this.params.length}`
  }

  and(condition: (placeholder: string) => string, value: unknown): void {
    this.conditions.push(condition(this.add(value)))
  }

  /** A condition without a parameter. */
  also(condition: string): void {
    this.conditions.push(condition)
  }

  equal(column: string, value: string | undefined): void {
    if (value !== undefined) this.and((at) => `${column} = ${at}`, value)
  }

  /** Rows of a list that descends by a UUID, after the one a page ended with. */
  before(column: string, cursor: string | undefined): void {
    if (cursor === undefined) return
    if (!isUuid(cursor)) this.never()
    this.and((at) => `${column} < ${at}::uuid`, cursor)
  }

  never(): void {
    this.isNever = true
  }
}

/** A page out of `limit + 1` rows, of which the last only tells that there are more. */
export const pageFrom = <A>(rows: ReadonlyArray<A>, limit: number, cursorOf: (item: A) => string): Page<A> => {
  if (rows.length <= limit) return { items: rows }
  const items = rows.slice(0, limit)
  return { items, next: cursorOf(items[limit - 1]!) }
}
