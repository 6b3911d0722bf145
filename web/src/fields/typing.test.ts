import { describe, expect, it } from 'vitest';
import { emailHint, phoneHint, usccHint, usccValid } from './hints';
import { parseText, worthFilling } from './parseText';

describe('hints while typing', () => {
  it('count the missing digits of a mobile number and leave foreign ones alone', () => {
    expect(phoneHint('138 0013 80')).toMatchObject({ key: 'hint.phone.short', params: { count: 2 } });
    expect(phoneHint('+86 13800138000')).toMatchObject({ tone: 'ok' });
    expect(phoneHint('138001380001')).toMatchObject({ key: 'hint.phone.long' });
    expect(phoneHint('+49 30 123456')).toBeNull();
    expect(phoneHint('0571-88880000')).toBeNull();
  });
  it('know common slips in addresses and offer what was meant', () => {
    expect(emailHint('li@gmial.com')).toMatchObject({ key: 'hint.email.typo', fix: 'li@gmail.com' });
    expect(emailHint('li.example')).toMatchObject({ key: 'hint.email.at' });
    expect(emailHint('li@lanchuan.example')).toBeNull();
  });
  it('check a credit code by its check character', () => {
    expect(usccValid('91350100M000100Y43')).toBe(true);
    expect(usccHint('91350100M000100Y44')).toMatchObject({ key: 'hint.uscc.wrong' });
    expect(usccHint('91350100M0')).toMatchObject({ key: 'hint.uscc.short', params: { count: 8 } });
  });
});

describe('a pasted text', () => {
  it('is taken apart into name, number and company', () => {
    expect(parseText('张三 13800138000 某某公司')).toEqual({ name: '张三', mobile: '13800138000', company: '某某公司' });
    expect(parseText('北溟精工（杭州）有限公司，李明 采购经理，138-0013-8000，liming@beiming.example')).toMatchObject({ company: '北溟精工（杭州）有限公司', name: '李明', title: '采购经理', mobile: '13800138000', email: 'liming@beiming.example' });
  });
  it('reads labels and signatures', () => {
    expect(parseText('姓名：王小明\n电话：0571-88880000\n地址：浙江省杭州市余杭区文一西路 1 号\n官网：www.yunmei.example')).toMatchObject({ name: '王小明', phone: '0571-88880000', website: 'www.yunmei.example', address: expect.stringContaining('浙江省') });
    expect(parseText('Otto Zane\nPurchasing Director\nVarnholt Precision GmbH\notto@varnholt.example\n+49 30 1234567')).toMatchObject({ name: 'Otto Zane', title: 'Purchasing Director', company: 'Varnholt Precision GmbH', phone: '+49 30 1234567' });
  });
  it('leaves ordinary words alone', () => {
    expect(worthFilling(parseText('三坐标测量机'))).toBe(false);
    expect(worthFilling(parseText('北溟精工有限公司'))).toBe(false);
    expect(worthFilling(parseText('Meet again on Monday'))).toBe(false);
  });
});
