/** A place with stations: one wall clock and, where tariffs are assigned to it, one price list. A station is at one site at most. */
export interface Site {
  readonly id: string
  readonly name: string
  /** IANA zone. That of its stations follows it. */
  readonly timeZone: string
  readonly createdAtMs: number
}
