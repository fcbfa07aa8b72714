import { Effect, Result, Schema } from "effect"
import * as Faults from "#simulator/faults/Catalogue.ts"
import { catalogue, type HardwareName } from "#simulator/station/Hardware.ts"
import { presetNames } from "#simulator/station/presets/Catalogue.ts"
import { type ModelName, models } from "#simulator/vehicle/Car.ts"
import { crashPointNames } from "../crashPoints.ts"
import { databaseFailureNames } from "../databaseFailures.ts"
import { walletCrashPointNames } from "../walletCrashPoints.ts"
import { hardwareOf, presetOf } from "./build.ts"
import { Evse, Name, Time } from "./fields.ts"
import { priceSteps, StoryTariff, StoryWallet, walletSteps } from "./moneySteps.ts"

export { clock } from "./fields.ts"

const namesOf = <K extends string>(record: Readonly<Record<K, unknown>>) => Object.keys(record) as Array<K>

/** What an operator may ask any station for; TransactionEvent in 2.x only. */
export const triggered = [
  "BootNotification",
  "Heartbeat",
  "MeterValues",
  "StatusNotification",
  "TransactionEvent"
] as const

/** A node of the CMS. */
const Node = Schema.Literals([1, 2])
const Times = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 50 }))

/** Gross cents. */
const Limit = Schema.Struct({
  wh: Schema.optionalKey(Schema.Int),
  minutes: Schema.optionalKey(Schema.Int),
  cents: Schema.optionalKey(Schema.Int)
})

const at = { at: Time }
const place = { ...at, station: Name, evse: Evse }
const message = { ...at, station: Name, action: Schema.String }

/** What happens at one instant; `at` and every duration are seconds in memory and `h:mm:ss` in a file. */
export const Step = Schema.Union([
  Schema.Struct({
    ...place,
    do: Schema.Literal("plug in"),
    car: Schema.Literals(namesOf<ModelName>(models)),
    socPercent: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100 }))
  }),
  Schema.Struct({ ...place, do: Schema.Literal("present card"), card: Name }),
  /** `limit`: how far the charge is to go; whatever is not given is no limit. */
  Schema.Struct({ ...place, do: Schema.Literal("start by app"), card: Name, limit: Schema.optionalKey(Limit) }),
  Schema.Struct({ ...place, do: Schema.Literal("stop by app") }),
  Schema.Struct({ ...place, do: Schema.Literal("unplug") }),
  Schema.Struct({ ...place, do: Schema.Literal("car pauses") }),
  Schema.Struct({ ...place, do: Schema.Literal("car goes on") }),
  /** Load management leaves the EVSE nothing for so long. */
  Schema.Struct({ ...place, do: Schema.Literal("station pauses"), for: Time }),
  Schema.Struct({ ...at, do: Schema.Literal("emergency stop"), station: Name, for: Time }),
  Schema.Struct({ ...at, do: Schema.Literal("cut power"), station: Name, withMemory: Schema.Boolean, for: Time }),
  Schema.Struct({ ...at, do: Schema.Literal("reboot"), station: Name, withMemory: Schema.Boolean }),
  Schema.Struct({ ...at, do: Schema.Literal("cut link"), station: Name, for: Time }),
  Schema.Struct({ ...at, do: Schema.Literal("half-open link"), station: Name }),
  /** The next message of that action. */
  Schema.Struct({ ...message, do: Schema.Literal("lose request") }),
  Schema.Struct({ ...message, do: Schema.Literal("lose answer") }),
  Schema.Struct({ ...message, do: Schema.Literal("double request") }),
  Schema.Struct({ ...message, do: Schema.Literal("delay answer"), by: Time }),
  /** It comes once more, later and under another id. */
  Schema.Struct({ ...message, do: Schema.Literal("repeat request later"), after: Time }),
  /** One of the simulator's faults; a parameter that is not given has its default. */
  Schema.Struct({
    ...at,
    do: Schema.Literal("fault"),
    station: Name,
    fault: Schema.Literals(Faults.catalogue.map(({ name }) => name)),
    parameters: Schema.Record(Schema.String, Schema.Union([Schema.Finite, Schema.Boolean, Schema.String])),
    for: Time
  }),
  /**
   * The next one is lost, and so are its repetitions until it was tried so often; a copy of it arrives after that time,
   * under another id, as from a modem that kept it. What the station sent meanwhile came first.
   */
  Schema.Struct({ ...message, do: Schema.Literal("late request"), tries: Times, by: Time }),
  Schema.Struct({ ...at, do: Schema.Literal("block card"), card: Name }),
  Schema.Struct({ ...at, do: Schema.Literal("expire card"), card: Name }),
  ...walletSteps,
  ...priceSteps,
  Schema.Struct({
    ...at,
    do: Schema.Literal("reset station"),
    station: Name,
    when: Schema.Literals(["now", "on-idle"])
  }),
  Schema.Struct({ ...place, do: Schema.Literal("unlock connector") }),
  Schema.Struct({ ...at, do: Schema.Literal("change availability"), station: Name, available: Schema.Boolean }),
  /** The operator has the station send a message, of one EVSE or of all. */
  Schema.Struct({
    ...at,
    do: Schema.Literal("trigger message"),
    station: Name,
    message: Schema.Literals(triggered),
    evse: Schema.optionalKey(Evse)
  }),
  /** The operator gives up every charge of a station that is open in the books and not told of lately. */
  Schema.Struct({ ...at, do: Schema.Literal("close charges"), station: Name }),
  /** What its next boot is answered with. */
  Schema.Struct({
    ...at,
    do: Schema.Literal("set registration"),
    station: Name,
    to: Schema.Literals(["Accepted", "Pending", "Rejected"])
  }),
  /** See `scenarios/crashPoints.ts` and `scenarios/walletCrashPoints.ts`; it is started again after that time. */
  Schema.Struct({
    ...at,
    do: Schema.Literal("kill CMS"),
    when: Schema.Literals([...crashPointNames, ...walletCrashPointNames]),
    for: Time,
    node: Schema.optionalKey(Node)
  }),
  Schema.Struct({ ...at, do: Schema.Literal("restart CMS"), for: Time, node: Schema.optionalKey(Node) }),
  /** The next so many commits fail, or requests of any kind; see `scenarios/databaseFailures.ts`. */
  Schema.Struct({
    ...at,
    do: Schema.Literal("database fails"),
    how: Schema.Literals(databaseFailureNames),
    times: Times,
    of: Schema.Literals(["commits", "requests"])
  }),
  /** The next so many commits take so long: half of it before they take effect, and half after. */
  Schema.Struct({ ...at, do: Schema.Literal("database is slow"), times: Times, by: Time }),
  /** The station's next connection goes to the other node. Half-open: the node that it leaves is not told. */
  Schema.Struct({
    ...at,
    do: Schema.Literal("move to other node"),
    station: Name,
    leaving: Schema.Literals(["half-open", "closed"])
  })
])
export type Step = typeof Step.Type
export type StepKind = Step["do"]

const named = {
  id: Name,
  dialect: Schema.Literals(["1.6", "2.0.1", "2.1"]),
  /** Where it stands; nowhere in particular when not given. */
  site: Schema.optionalKey(Name)
}

/** One station, by a name of its own: of a real kind, or of some hardware with the story's firmware. */
export const StoryStation = Schema.Union([
  Schema.Struct({ ...named, preset: Schema.Literals(presetNames) }),
  Schema.Struct({ ...named, hardware: Schema.Literals(namesOf<HardwareName>(catalogue)) })
])
export type StoryStation = typeof StoryStation.Type

/** A card the CMS is told of. */
export const StoryCard = Schema.Struct({
  uid: Name,
  /** Cards of one group stop each other's charges. */
  group: Schema.optionalKey(Name),
  /** Charges at a time. */
  limit: Schema.optionalKey(Schema.Int),
  /** Is good until that instant. */
  expires: Schema.optionalKey(Time),
  /** Whose it is; every other card without a name here has a driver of its own. */
  driver: Schema.optionalKey(Name)
})
export type StoryCard = typeof StoryCard.Type

/** Whose a card is, by its place among the cards; null: nobody's. */
export const driverOf = ({ uid, driver }: StoryCard, index: number): string | null =>
  driver ?? (index % 2 === 0 ? `driver-${uid}` : null)

/** How the stations that have no preset are set and what their firmware does, where that is not the rule. */
export const Firmware = Schema.Struct({
  sampleIntervalS: Schema.optionalKey(Schema.Int),
  clockAlignedS: Schema.optionalKey(Schema.Int),
  txStartPoint: Schema.optionalKey(Schema.Literals(["PowerPathClosed", "Authorized", "EVConnected"])),
  txStopPoint: Schema.optionalKey(Schema.Literals(["Authorized", "EVConnected"])),
  allowOfflineForUnknown: Schema.optionalKey(Schema.Boolean),
  localPreAuthorize: Schema.optionalKey(Schema.Boolean),
  stopOnInvalidId: Schema.optionalKey(Schema.Boolean),
  authorizeRemoteStart: Schema.optionalKey(Schema.Boolean),
  retryMessageId: Schema.optionalKey(Schema.Literals(["same", "new"])),
  afterPowerCut: Schema.optionalKey(Schema.Literals(["end", "resume"])),
  persists: Schema.optionalKey(Schema.Literals(["atPowerLoss", "lastReading"])),
  sendsBeginReading: Schema.optionalKey(Schema.Boolean),
  sendsTransactionData: Schema.optionalKey(Schema.Boolean),
  lowerCaseUids: Schema.optionalKey(Schema.Boolean),
  dropsAfterAttempts: Schema.optionalKey(Schema.Boolean),
  unknownTransactionId: Schema.optionalKey(Schema.Literals(["silent", "minusOne"])),
  stopsFor: Schema.optionalKey(Schema.Literals(["group", "anybody"])),
  readingsPerMessage: Schema.optionalKey(Times),
  readsAtStart: Schema.optionalKey(Schema.Literals(["always", "whenEnergized"])),
  replays: Schema.optionalKey(Schema.Literals(["inOrder", "statusesLast", "newestFirst"])),
  /** Energy and power in kWh and kW, or (2.x) in thousands by a multiplier. */
  units: Schema.optionalKey(Schema.Literals(["kilo", "multiplied"]))
})
export type Firmware = typeof Firmware.Type

/** A scenario of a few lines: who is there, and what happens when. Then all is mended, and everything must settle. */
export const Story = Schema.Struct({
  /** What it shows. */
  about: Schema.String,
  /** The oracle that failed, what it expected and what it found; absent in stories that were not born of a failure. */
  failed: Schema.optionalKey(
    Schema.Struct({ oracle: Schema.String, sentence: Schema.String, expected: Schema.String, found: Schema.String })
  ),
  seed: Schema.String,
  /** Nodes of the CMS over one store; one when not given. */
  nodes: Schema.optionalKey(Node),
  stations: Schema.Array(StoryStation),
  cards: Schema.Array(StoryCard),
  /** Drivers who pay ahead; nobody does when not given. */
  wallets: Schema.optionalKey(Schema.Array(StoryWallet)),
  tariffs: Schema.optionalKey(Schema.Array(StoryTariff)),
  firmware: Firmware,
  steps: Schema.Array(Step)
})
export type Story = typeof Story.Type

/** The file is no story; `why` says where and what. */
export class NotAStory extends Schema.TaggedError<NotAStory>()("NotAStory", { why: Schema.String }) {}

const decode = Schema.decodeUnknownEffect(Story)
const encode = Schema.encodeSync(Story)

/** JSON with whole-line `//` comments. */
const withoutComments = (text: string): string => text.replaceAll(/^\s*\/\/.*$/gm, "")

/** Reads a story file. */
export const parse = Effect.fnUntraced(function* (text: string) {
  const json = yield* Effect.fromResult(Result.try(() => JSON.parse(withoutComments(text)) as unknown)).pipe(
    Effect.mapError((cause) => new NotAStory({ why: `it is no JSON: ${String(cause)}` }))
  )
  const story = yield* decode(json, { onExcessProperty: "error" }).pipe(
    Effect.mapError((error) => new NotAStory({ why: String(error) }))
  )
  const why = flaw(story)
  return why === null ? story : yield* new NotAStory({ why })
})

/** What a schema does not see. */
const flaw = ({ stations, cards, steps, nodes, wallets = [] }: Story): string | null => {
  const byId = new Map(stations.map((station) => [station.id, station]))
  const uids = new Set(cards.map(({ uid }) => uid))
  if (byId.size !== stations.length || uids.size !== cards.length) return "two stations or cards have one name"
  if (stations.length === 0) return "there is no station"
  for (const station of stations) {
    const offered = presetOf(station)?.dialects
    if (offered !== undefined && !offered.includes(station.dialect)) {
      return `${station.id} is of a kind that does not speak ${station.dialect} (but ${offered.join(", ")})`
    }
  }
  const drivers = new Set(cards.map(driverOf))
  if (wallets.some(({ driver }) => !drivers.has(driver))) return "a wallet is of a driver who has no card"
  for (const [index, step] of steps.entries()) {
    const where = `step ${index + 1} (${step.do})`
    if (("node" in step && step.node === 2) || step.do === "move to other node") {
      if (nodes !== 2) return `${where} needs "nodes": 2`
    }
    const station = "station" in step ? byId.get(step.station) : undefined
    if ("station" in step && station === undefined) return `${where} names a station that is not there`
    if ("card" in step && !uids.has(step.card) && step.do !== "present card") return `${where} names no card`
    if ("evse" in step && step.evse > (station === undefined ? 0 : hardwareOf(station).evses.length))
      return `${where} names no EVSE`
    if (step.do === "fault") {
      const read = Faults.catalogue.find(({ name }) => name === step.fault)!.read(step.parameters)
      if (Result.isFailure(read)) return `${where}: ${read.failure}`
    }
    if (index > 0 && step.at < steps[index - 1]!.at) return `${where} is earlier than the one before`
  }
  return null
}

const spaced = (value: unknown): string =>
  JSON.stringify(value, null, 1)
    .replaceAll(/\n\s*/g, " ")
    .replaceAll(/\[ | \]/g, (bracket) => bracket.trim())

/** Writes a story as a person wants to read it: a line for each station, card and step. */
export const format = (story: Story, comments: ReadonlyArray<string> = []): string => {
  const { about, failed, seed, nodes, stations, cards, wallets, tariffs, firmware, steps } = encode(story)
  const list = (items: ReadonlyArray<unknown>) =>
    items.length === 0 ? "[]" : `[\n${items.map((item) => `    ${spaced(item)}`).join(",\n")}\n  ]`
  return [
    ...comments.map((line) => `// ${line}`),
    "{",
    `  "about": ${JSON.stringify(about)},`,
    ...(failed === undefined ? [] : [`  "failed": ${JSON.stringify(failed, null, 2).replaceAll("\n", "\n  ")},`]),
    `  "seed": ${JSON.stringify(seed)},`,
    ...(nodes === undefined ? [] : [`  "nodes": ${nodes},`]),
    `  "stations": ${list(stations)},`,
    `  "cards": ${list(cards)},`,
    ...(wallets === undefined ? [] : [`  "wallets": ${list(wallets)},`]),
    ...(tariffs === undefined ? [] : [`  "tariffs": ${list(tariffs)},`]),
    `  "firmware": ${spaced(firmware)},`,
    `  "steps": ${list(steps)}`,
    "}",
    ""
  ].join("\n")
}
