import { ask, dial, inWaves, type Line } from "./wire.ts"

/** The wire's two dialects that are measured. */
export type Dialect = "1.6" | "2.0.1"

export const identityOf = (index: number): string => `bench-${String(index).padStart(5, "0")}`

const boots: Readonly<Record<Dialect, string>> = {
  "1.6": `{"chargePointVendor":"Wattproof","chargePointModel":"Bench","firmwareVersion":"1.0"}`,
  "2.0.1": `{"reason":"PowerUp","chargingStation":{"vendorName":"Wattproof","model":"Bench","firmwareVersion":"1.0"}}`
}

/** Connects a station and boots it; it is accepted. */
export const boot = async (port: number, identity: string, dialect: Dialect): Promise<Line> => {
  const line = await dial(port, identity, `ocpp${dialect}`)
  const answer = await ask(line, "boot", "BootNotification", boots[dialect])
  if (!answer.includes('"Accepted"')) throw new Error(`${identity} was not accepted: ${answer}`)
  return line
}

/** Connects and boots that many, some hundred at a time; the first of them is number `from`. */
export const bootAll = (
  port: number,
  count: number,
  dialect: Dialect,
  width = 250,
  from = 0
): Promise<ReadonlyArray<Line>> => inWaves(count, width, (index) => boot(port, identityOf(from + index), dialect))
