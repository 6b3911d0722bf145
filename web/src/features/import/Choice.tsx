import Select from 'antd/es/select';

interface Props {
  text: string;
  value: string;
  onChange: (v: string) => void;
  options: { value: string; label: string }[];
  width: number;
}

/** A choice with its name above it. */
export function Choice({ text, value, onChange, options, width }: Props) {
  return (
    <div className="col imp-choice">
      <span className="mut s12">{text}</span>
      <Select aria-label={text} style={{ width }} value={value} onChange={onChange} options={options} showSearch={options.length > 8 ? { optionFilterProp: 'label' } : false} />
    </div>
  );
}
