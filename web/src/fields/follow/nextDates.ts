export interface NextDate {
  key: 'tomorrow' | 'monday' | 'week';
  at: string;
}

/** The next dates people choose most, at ten in the morning; the same day is offered once. */
export function nextDates(now: Date): NextDate[] {
  const inDays = (days: number) => {
    const d = new Date(now);
    d.setDate(d.getDate() + days);
    d.setHours(10, 0, 0, 0);
    return d.toISOString();
  };
  const all: NextDate[] = [
    { key: 'tomorrow', at: inDays(1) },
    { key: 'monday', at: inDays(((8 - now.getDay()) % 7) || 7) },
    { key: 'week', at: inDays(7) },
  ];
  return all.filter((d, i) => all.findIndex((x) => x.at === d.at) === i);
}
