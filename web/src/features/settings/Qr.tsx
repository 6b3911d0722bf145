import { useMemo } from 'react';
import { encode } from 'uqr';

/** A text as a QR code; the library that makes it loads with it. */
export default function Qr({ text, label }: { text: string; label: string }) {
  const code = useMemo(() => encode(text, { ecc: 'M', border: 0 }), [text]);
  const path = useMemo(() => code.data.map((row, y) => row.map((on, x) => (on ? `M${x} ${y}h1v1h-1z` : '')).join('')).join(''), [code]);
  return (
    <svg className="set-qr" role="img" aria-label={label} viewBox={`0 0 ${code.size} ${code.size}`} shapeRendering="crispEdges">
      <path d={path} fill="#000" />
    </svg>
  );
}
