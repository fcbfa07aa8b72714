import { PgTypes } from "@effect/sql-pg"
import { Result } from "effect"
import type { Bound } from "../postgres/Database.ts"

/** A column of a multi-row statement: what one row puts there. Numbers are float8 on the wire and cast by the statement. */
export type Kind = "text" | "number" | "instant"

const oids: Readonly<Record<Kind, number>> = {
  text: PgTypes.OID.text,
  number: PgTypes.OID.float8,
  instant: PgTypes.OID.timestamptz
}

type Cell = string | number | null | undefined

/** Rows for one table, gathered column by column and written by one statement `... from unnest($1, $2, ...)`. */
export class Rows {
  private readonly sql: string
  private readonly kinds: ReadonlyArray<Kind>
  private readonly cells: ReadonlyArray<Array<string | number | null>>
  private count = 0

  constructor(sql: string, kinds: ReadonlyArray<Kind>) {
    this.sql = sql
    this.kinds = kinds
    this.cells = kinds.map(() => [])
  }

  get isEmpty(): boolean {
    return this.count === 0
  }

  /**
   * Appends a row; `undefined` is null. What the driver could not encode throws here: once a transaction is on its way a
   * statement that cannot be sent would be missing from it.
   */
  add(...row: ReadonlyArray<Cell>): void {
    for (let index = 0; index < row.length; index++) {
      const cell = row[index] ?? null
      if (cell !== null && !isStorable(cell, this.kinds[index]!)) throw new RangeError(`${cell} cannot be stored`)
      this.cells[index]!.push(cell)
    }
    this.count++
  }

  statement(): Bound {
    const params = this.cells.map((values, index) => arrayOf(oids[this.kinds[index]!]!, values))
    return { sql: this.sql, params }
  }
}

/** The last instant that JavaScript knows; PostgreSQL's timestamptz goes further. */
const maxInstantMs = 8_640_000_000_000_000

const isStorable = (cell: string | number, kind: Kind): boolean => {
  if (typeof cell === "string") return kind === "text"
  return kind === "number" ? Number.isFinite(cell) : kind === "instant" && Math.abs(cell) <= maxInstantMs
}

const arrayOf = (oid: number, values: ReadonlyArray<unknown>): PgTypes.Parameter =>
  Result.getOrThrow(PgTypes.array(values, oid))

/** An array parameter of text. */
export const texts = (values: ReadonlyArray<string | null>): PgTypes.Parameter => arrayOf(PgTypes.OID.text, values)

/** An array parameter of int4. */
export const integers = (values: ReadonlyArray<number>): PgTypes.Parameter => arrayOf(PgTypes.OID.int4, values)

/** An instant of ours as a parameter. */
export const instant = (atMs: number | null): PgTypes.Parameter => PgTypes.timestamptz(atMs)

/** An instant as the driver gives it back. */
export const msOf = (date: Date): number => date.getTime()

/** The same where there may be none. */
export const msOrNull = (date: Date | null): number | null => (date === null ? null : date.getTime())

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** Whether it can be an id of ours: what is none is in no table, and no query is asked for it. */
export const isUuid = (text: string): boolean => uuidPattern.test(text)
