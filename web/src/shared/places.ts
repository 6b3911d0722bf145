import type { TextKey } from './i18n';
import type { IconName } from './icons';

/** A page behind the settings: found in their navigation, their search and the palette. */
export interface Place {
  path: string;
  title: TextKey;
  icon: IconName;
  group: 'you' | 'people' | 'shape' | 'watch';
  /** How else one would look for it: full pinyin, other words of both languages. */
  words: string;
  /** Who sees it: everybody, administrators, or whoever may read this object. */
  needs?: 'admin' | { read: string };
}

export const places: readonly Place[] = [
  { path: '/settings/me', title: 'settings.me', icon: 'user', group: 'you', words: 'gerenshezhi language look theme password two-step totp sessions yuyan waiguan mima liangbuyanzheng huihua 语言 外观 密码 两步验证 登录' },
  { path: '/settings/tokens', title: 'settings.tokens', icon: 'key', group: 'you', words: 'lingpai api token 令牌 接口' },
  { path: '/settings/imports', title: 'settings.imports', icon: 'upload', group: 'you', words: 'daorujilu import history undo 撤销导入', needs: { read: 'import_job' } },
  { path: '/settings/people', title: 'settings.persons', icon: 'users', group: 'people', words: 'renyuan yonghu users invite yaoqing 用户 邀请 停用', needs: { read: 'user' } },
  { path: '/settings/departments', title: 'settings.departments', icon: 'grid', group: 'people', words: 'bumen zuzhi tree organisation 组织 架构', needs: { read: 'department' } },
  { path: '/settings/roles', title: 'settings.roles', icon: 'shield', group: 'people', words: 'juese quanxian rights matrix permission 权限 字段权限 数据范围', needs: 'admin' },
  { path: '/settings/objects', title: 'settings.objects', icon: 'box', group: 'shape', words: 'duixiang ziduan fields custom layout zidingyi buju xuanxiang 自定义 字段 布局 选项', needs: 'admin' },
  { path: '/settings/model', title: 'settings.model', icon: 'file', group: 'shape', words: 'peizhi wenben export toml diff 配置 导出 应用', needs: 'admin' },
  { path: '/settings/worktime', title: 'settings.worktime', icon: 'calendar', group: 'shape', words: 'gongzuoshijian jiejiari rili tiaoxiu working time business hours holidays workdays 节假日 日历 调休 工作日 上班', needs: { read: 'holiday_calendar' } },
  { path: '/settings/audit', title: 'settings.audit', icon: 'history', group: 'watch', words: 'shenji rizhi log who changed 日志 修改记录', needs: { read: 'audit_log' } },
  { path: '/settings/bin', title: 'settings.bin', icon: 'trash', group: 'watch', words: 'huishouzhan recycle deleted restore purge 删除 还原' },
];

/** Whether a place is for this reader. */
export function open(p: Place, admin: boolean, reads: (object: string) => boolean): boolean {
  if (!p.needs) return true;
  return p.needs === 'admin' ? admin : reads(p.needs.read);
}
