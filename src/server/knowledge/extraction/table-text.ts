/**
 * A table's rows as text, a line each. With a header each cell is named (`City: Paris; People: 2 million`), so that any
 * few lines can be understood without the rest; without, cells are set apart by ` | `. Empty cells are left out where
 * their place does not matter, and so are empty rows.
 */
export function rowLines(header: readonly string[] | null, rows: Iterable<readonly string[]>): string[] {
  const lines: string[] = [];
  for (const row of rows) {
    const cells = row.map((cell) => cell.replace(/\s+/g, " ").trim());
    if (cells.every((cell) => cell === "")) continue;
    lines.push(header ? namedCells(header, cells) : cells.join(" | ").replace(/( \| )+$/, ""));
  }
  return lines;
}

function namedCells(header: readonly string[], cells: readonly string[]): string {
  const named = cells.map((cell, column) => {
    const name = header[column]?.replace(/\s+/g, " ").trim();
    return cell !== "" && name ? `${name}: ${cell}` : cell;
  });
  return named.filter((cell) => cell !== "").join("; ");
}

/** A whole table whose first row may be its header; a header alone is a row. */
export function tableText(rows: readonly (readonly string[])[], hasHeader: boolean): string {
  const [header, ...rest] = rows;
  const named = hasHeader && header !== undefined && rest.length > 0;
  return rowLines(named ? header : null, named ? rest : rows).join("\n");
}
