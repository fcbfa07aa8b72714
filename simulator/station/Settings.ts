/** When a 2.x transaction begins (TxStartPoint, one value): 1.6 stations always behave as PowerPathClosed. */
export type TxStartPoint = "PowerPathClosed" | "Authorized" | "EVConnected"

/**
 * When a 2.x transaction ends (TxStopPoint, one value): with its authorization, or when the car is unplugged, which
 * makes a full car's stay part of it. 1.6 stations always behave as Authorized.
 */
export type TxStopPoint = "Authorized" | "EVConnected"

/** What a CMS may configure, by meaning; 1.6 keys and 2.x variables are two ways to name these. */
export interface Settings {
  /** Until a BootNotification's answer says otherwise. */
  readonly heartbeatS: number
  /** 0 switches periodic readings off. */
  readonly sampleIntervalS: number
  /** Readings at multiples of this since midnight UTC; 0 switches them off. */
  readonly clockAlignedS: number
  readonly sampledMeasurands: string
  readonly alignedMeasurands: string
  /** How long an authorization waits for a plug. */
  readonly connectionTimeOutS: number
  readonly transactionAttempts: number
  readonly transactionRetryS: number
  readonly localAuthorizeOffline: boolean
  readonly localPreAuthorize: boolean
  readonly allowOfflineForUnknown: boolean
  readonly authorizeRemoteStart: boolean
  readonly stopOnInvalidId: boolean
  readonly cacheEnabled: boolean
  /** How long the authorization cache believes an answer without an expiry of its own; 0 is for ever. */
  readonly cacheLifeTimeS: number
  readonly txStartPoint: TxStartPoint
  readonly txStopPoint: TxStopPoint
  readonly webSocketPingS: number
  readonly backOffWaitMinimumS: number
  readonly backOffRandomRangeS: number
  readonly backOffRepeatTimes: number
}

const measurands = "Energy.Active.Import.Register,Power.Active.Import,Current.Import,Voltage,SoC"

/** As delivered. Shared by every station until it is told something else. */
export const factorySettings: Settings = Object.freeze({
  heartbeatS: 300,
  sampleIntervalS: 60,
  clockAlignedS: 0,
  sampledMeasurands: measurands,
  alignedMeasurands: measurands,
  connectionTimeOutS: 120,
  transactionAttempts: 3,
  transactionRetryS: 30,
  localAuthorizeOffline: true,
  localPreAuthorize: false,
  allowOfflineForUnknown: false,
  authorizeRemoteStart: true,
  stopOnInvalidId: true,
  cacheEnabled: true,
  cacheLifeTimeS: 0,
  txStartPoint: "PowerPathClosed",
  txStopPoint: "Authorized",
  webSocketPingS: 60,
  backOffWaitMinimumS: 5,
  backOffRandomRangeS: 10,
  backOffRepeatTimes: 4
})

const parsed = new Map<string, ReadonlyArray<string>>()

/** Measurands of a meter that counts in both directions; the others tell nothing for those of exports. */
export const bidirectionalMeasurands = `${measurands},Energy.Active.Export.Register,Power.Active.Export`

/** Measurands that a simulated meter can tell; others are refused when configured. */
export const knownMeasurands: ReadonlySet<string> = new Set(bidirectionalMeasurands.split(","))

/** What a reading is to tell. */
export const measurandsFor = (
  { sampledMeasurands, alignedMeasurands }: Pick<Settings, "sampledMeasurands" | "alignedMeasurands">,
  isClockAligned: boolean
): ReadonlyArray<string> => measurandsOf(isClockAligned ? alignedMeasurands : sampledMeasurands)

/** The items of a comma list, parsed once for all stations that share it. */
export const measurandsOf = (list: string): ReadonlyArray<string> => {
  const known = parsed.get(list)
  if (known !== undefined) return known
  const items = Object.freeze(
    list
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== "")
  )
  // Bounded, because a CMS may configure any list.
  if (parsed.size < 1_000) parsed.set(list, items)
  return items
}
