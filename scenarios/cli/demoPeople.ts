import type { CardPool } from "#simulator/fleet/Cards.ts"
import { strayCard } from "#simulator/fleet/Cards.ts"
import * as Stream from "#simulator/Stream.ts"

/** A driver of the demo, who owns one card. */
export interface DemoDriver {
  readonly id: string
  readonly name: string
  readonly uid: string
}

const pioneers = [
  "Hertha Ayrton, Charles Brown, Edith Clarke, Clara Rockmore, Michael Faraday, Mary Somerville, Ada Lovelace",
  "Nikola Tesla, Werner Siemens, Alessandro Volta, Luigi Galvani, Lucia Galvani, Georg Ohm, Gustav Kirchhoff",
  "Joseph Henry, Humphry Davy, William Grove, Gaston Planté, Camille Faure, Zénobe Gramme, Galileo Ferraris",
  "Mikhail Dolivo, Oskar Miller, Robert Bosch, Ányos Jedlik, Robert Davidson, Thomas Parker, Bertha Benz",
  "Emily Roebling, Elisa Zamfirescu, Mabel Macferran, Maria Telkes, Irène Curie, Emmy Noether, Lise Meitner",
  "Grace Hopper, Mary Jackson, Caroline Haslett, Margaret Partridge, Beatrice Shilling, Lillian Gilbreth",
  "Heinrich Hertz, James Watt, James Maxwell, Oliver Heaviside, Charles Steinmetz, Granville Woods, Lewis Latimer"
]
  .join(", ")
  .split(", ")

const idOf = (name: string): string =>
  name
    .normalize("NFD")
    .replace(/[^A-Za-z ]/g, "")
    .toLowerCase()
    .replaceAll(" ", "-")

/** The drivers of the demo, the same at every start: no two EVSEs share one. */
export const drivers: ReadonlyArray<DemoDriver> = pioneers.map((name, index) => ({
  id: idOf(name),
  name,
  uid: `04${Stream.make("demo", `card/${index}`).word().toString(16).padStart(8, "0")}${String(index).padStart(4, "0")}`.toUpperCase()
}))

const some = (name: string) => Array.from({ length: 3 }, (_, index) => `${name}${index + 1}`)
/** Cards that were good once, or are good elsewhere. */
export const badCards = {
  expired: some("0EEE000000000"),
  blocked: some("0BBB000000000"),
  elsewhere: some("0AAA000000000")
}

const card = (uid: string) => ({ uid, type: "ISO14443" as const })

/** All cards that people hold to a reader, strangers' included. */
export const cards: CardPool = {
  valid: drivers.map(({ uid }) => card(uid)),
  expired: badCards.expired.map(card),
  blocked: badCards.blocked.map(card),
  elsewhere: badCards.elsewhere.map(card),
  unknown: Array.from({ length: 3 }, (_, index) => strayCard(Stream.make("demo", `stray/${index}`))),
  mates: new Map()
}

const names = new Map(drivers.map(({ uid, name }) => [uid, name]))

/** Whose card it is, as a screen says it. */
export const ownerOf = (uid: string | null): string => (uid === null ? "somebody" : (names.get(uid) ?? `card ${uid}`))
