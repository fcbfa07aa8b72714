/** `5 h 30 min 12 s` without its empty parts. */
export const durationText = (ms: number): string => {
  if (ms < 0) return `-${durationText(-ms)}`
  const seconds = Math.floor(ms / 1000)
  const parts = [
    [Math.floor(seconds / 3600), "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [seconds % 60, "s"]
  ] as const
  const said = parts.filter(([count]) => count > 0).map(([count, unit]) => `${count} ${unit}`)
  return said.length === 0 ? "0 s" : said.join(" ")
}
