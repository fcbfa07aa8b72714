/** What the operator says of a station. Its `id` is the OCPP identity: unique, and the last path segment it dials. */
export interface Station {
  readonly id: string
  readonly name: string | null
  /** OCPP security profile: 0 open, 1 HTTP Basic (2.x part 2, A00; 1.6 security whitepaper 3). */
  readonly securityProfile: 0 | 1
  /**
   * Salted hashes of the basic-auth passwords, any of which lets it in: two while it has not confirmed a new key
   * (1.6-J 6.2.2). They never leave the server.
   */
  readonly passwordHashes: ReadonlyArray<string>
  /** What its boot is answered with: an operator may hold a station in Pending or turn it away. */
  readonly registration: "Accepted" | "Pending" | "Rejected"
  readonly strictness: "strict" | "lenient"
  /** The site it is at; null: at none. */
  readonly siteId: string | null
  /** IANA zone, that of the site where it is at one: prices follow its wall clock. */
  readonly timeZone: string
  /** The tariff that is assigned to it, for everyone, as of now; null: none. What holds is said by `core/tariff/assign`. */
  readonly tariffId: string | null
  /** Whether it is told what a charge costs; `auto`: if it reports that it shows it. */
  readonly costDisplay: "auto" | "on" | "off"
  readonly createdAtMs: number
}

/** Connector status of both versions in one list: 1.6 has no Occupied, 2.x has none of the charging states. */
export type ConnectorStatus =
  | "Available"
  | "Occupied"
  | "Preparing"
  | "Charging"
  | "SuspendedEVSE"
  | "SuspendedEV"
  | "Finishing"
  | "Reserved"
  | "Unavailable"
  | "Faulted"

/** A connector as the station itself last described it. 1.6 connector n is EVSE n, connector 1; 0 is the whole station. */
export interface Connector {
  readonly evseId: number
  readonly connectorId: number
  readonly status: ConnectorStatus
  readonly errorCode: string | null
  readonly info: string | null
  /** The station's own timestamp of the status: an older report never overwrites a newer one. */
  readonly statusAtMs: number
}

/** What the station told of itself in its last BootNotification. */
export interface Boot {
  readonly vendor: string
  readonly model: string
  readonly serialNumber: string | null
  readonly firmwareVersion: string | null
  readonly reason: string | null
  readonly atMs: number
}

/** A boot with what it was answered: its station goes by that until it boots again (1.6 section 4.2, 2.x B01). */
export interface AnsweredBoot extends Boot {
  /** Null where it is of before answers were kept. */
  readonly answered: Station["registration"] | null
}

/** A variable of the station's device model, from NotifyReport (2.x) or GetConfiguration (1.6, component ""). */
export interface Variable {
  readonly component: string
  readonly variable: string
  /** `component@instance/evse/connector` of 2.x flattened; "" where there is none. */
  readonly instance: string
  readonly value: string | null
  readonly mutability: string | null
}

/** How a station came to be in touch. */
export interface Presence {
  readonly dialect: "1.6" | "2.0.1" | "2.1"
  readonly connectedAtMs: number
  readonly remoteAddress: string
}
