/** A person or company that owns tokens and owes for what is charged on them. */
export interface Driver {
  readonly id: string
  readonly name: string
  readonly email: string | null
  readonly createdAtMs: number
}
