//! The sample company itself: departments, people, products.

/// Name of the sample company.
pub const NAME_ZH: &str = "岚川仪器";
/// Its English name.
pub const NAME_EN: &str = "Lanchuan Instruments";

/// A department: key, Chinese and English name, key of the parent.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs, reason = "a table")]
pub struct Dept {
    pub key: &'static str,
    pub name: &'static str,
    pub parent: Option<&'static str>,
}

/// Departments, parents first.
pub const DEPTS: &[Dept] = &[
    Dept { key: "hq", name: "岚川仪器 Lanchuan", parent: None },
    Dept { key: "sales", name: "销售中心", parent: Some("hq") },
    Dept { key: "east", name: "华东销售部", parent: Some("sales") },
    Dept { key: "east1", name: "华东一组", parent: Some("east") },
    Dept { key: "east2", name: "华东二组", parent: Some("east") },
    Dept { key: "south", name: "华南销售部", parent: Some("sales") },
    Dept { key: "intl", name: "International Sales", parent: Some("sales") },
    Dept { key: "presales", name: "售前技术部", parent: Some("hq") },
    Dept { key: "marketing", name: "市场部", parent: Some("hq") },
    Dept { key: "service", name: "客户服务部", parent: Some("hq") },
    Dept { key: "finance", name: "财务部", parent: Some("hq") },
];

/// A person of the sample company.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs, reason = "a table")]
pub struct Person {
    pub username: &'static str,
    pub name: &'static str,
    pub title: &'static str,
    pub dept: &'static str,
    /// Code of a shipped role.
    pub role: &'static str,
    pub manager: Option<&'static str>,
    /// `zh_cn` or `en`.
    pub locale: &'static str,
}

const fn p(
    username: &'static str,
    name: &'static str,
    title: &'static str,
    dept: &'static str,
    role: &'static str,
    manager: Option<&'static str>,
    locale: &'static str,
) -> Person {
    Person { username, name, title, dept, role, manager, locale }
}

/// People, managers first.
pub const PEOPLE: &[Person] = &[
    p("admin", "沈知微", "系统管理员", "hq", "admin", None, "zh_cn"),
    p("guyan", "顾砚", "总经理", "hq", "general_manager", None, "zh_cn"),
    p("helan", "何岚", "销售总监", "sales", "sales_director", Some("guyan"), "zh_cn"),
    p("chenyu", "陈屿", "华东区经理", "east", "sales_manager", Some("helan"), "zh_cn"),
    p("zhouhang", "周航", "华南区经理", "south", "sales_manager", Some("helan"), "zh_cn"),
    p("amelia", "Amelia Whitcombe", "Regional Manager", "intl", "sales_manager", Some("helan"), "en"),
    p("sutang", "苏棠", "销售代表", "east1", "sales_rep", Some("chenyu"), "zh_cn"),
    p("luqing", "陆清扬", "销售代表", "east1", "sales_rep", Some("chenyu"), "zh_cn"),
    p("wenxi", "温曦", "销售代表", "east1", "sales_rep", Some("chenyu"), "zh_cn"),
    p("jiangshu", "江舒", "销售代表", "east2", "sales_rep", Some("chenyu"), "zh_cn"),
    p("tangyuan", "唐知远", "销售代表", "east2", "sales_rep", Some("chenyu"), "zh_cn"),
    p("liangyi", "梁一鸣", "销售代表", "south", "sales_rep", Some("zhouhang"), "zh_cn"),
    p("fangke", "方可心", "销售代表", "south", "sales_rep", Some("zhouhang"), "zh_cn"),
    p("songze", "宋泽楷", "销售代表", "south", "sales_rep", Some("zhouhang"), "zh_cn"),
    p("yehe", "叶嘉禾", "销售代表", "south", "sales_rep", Some("zhouhang"), "zh_cn"),
    p("daniel", "Daniel Larkfield", "Account Executive", "intl", "sales_rep", Some("amelia"), "en"),
    p("priya", "Priya Iyer", "Account Executive", "intl", "sales_rep", Some("amelia"), "en"),
    p("junhao", "Tan Jun Hao", "Account Executive", "intl", "sales_rep", Some("amelia"), "en"),
    p("dingran", "丁安然", "售前顾问", "presales", "presales", Some("helan"), "zh_cn"),
    p("qiaonan", "乔南", "市场专员", "marketing", "marketing", Some("guyan"), "zh_cn"),
    p("baixue", "白若雪", "客服主管", "service", "service_manager", Some("guyan"), "zh_cn"),
    p("shixing", "石星河", "客服专员", "service", "service_agent", Some("baixue"), "zh_cn"),
    p("yanwen", "颜文", "财务", "finance", "finance", Some("guyan"), "zh_cn"),
    p("qiuming", "邱景行", "审计", "finance", "auditor", Some("guyan"), "zh_cn"),
];

/// Product categories.
pub const CATEGORIES: &[(&str, &str)] = &[
    ("dim", "尺寸测量 Dimensional"),
    ("mat", "材料试验 Materials"),
    ("env", "环境试验 Environmental"),
    ("opt", "光学分析 Optical"),
    ("svc", "服务 Services"),
];

/// A product: code, category key, name, list price, cost, unit.
pub const PRODUCTS: &[(&str, &str, &str, i64, i64, &str)] = &[
    ("CMM-500", "dim", "三坐标测量机 CMM-500", 385_000, 262_000, "set"),
    ("CMM-800", "dim", "三坐标测量机 CMM-800", 560_000, 391_000, "set"),
    ("VMS-300", "dim", "影像测量仪 VMS-300", 98_000, 61_000, "set"),
    ("RND-20", "dim", "圆度仪 RND-20", 148_000, 96_000, "set"),
    ("RGH-10", "dim", "粗糙度仪 RGH-10", 41_000, 24_500, "set"),
    ("CTG-5", "dim", "镀层测厚仪 CTG-5", 32_000, 18_800, "set"),
    ("GEAR-60", "dim", "齿轮检测中心 GEAR-60", 720_000, 505_000, "set"),
    ("UTM-50", "mat", "万能试验机 UTM-50", 126_000, 82_000, "set"),
    ("HRD-R", "mat", "洛氏硬度计 HRD-R", 38_000, 22_000, "set"),
    ("IMP-300", "mat", "冲击试验机 IMP-300", 86_000, 55_000, "set"),
    ("TRQ-100", "mat", "扭转试验机 TRQ-100", 64_000, 41_000, "set"),
    ("SALT-90", "env", "盐雾试验箱 SALT-90", 26_000, 14_900, "set"),
    ("TMP-225", "env", "高低温试验箱 TMP-225", 113_000, 74_000, "set"),
    ("VIB-40", "env", "振动试验台 VIB-40", 268_000, 187_000, "set"),
    ("OES-8", "opt", "直读光谱仪 OES-8", 380_000, 271_000, "set"),
    ("XRF-2", "opt", "X 射线荧光仪 XRF-2", 245_000, 169_000, "set"),
    ("MIC-1000", "opt", "金相显微镜 MIC-1000", 58_000, 34_000, "set"),
    ("SPC-Q", "opt", "在线检测软件 SPC-Q", 68_000, 9_000, "user_year"),
    ("CAL-Y", "svc", "年度校准服务", 12_000, 5_200, "year"),
    ("MNT-3", "svc", "三年维保", 42_000, 19_000, "year"),
    ("TRN-2", "svc", "操作培训两日", 8_000, 3_100, "set"),
    ("INS-1", "svc", "安装调试", 9_600, 4_400, "set"),
];

/// Competitors of the sample company.
pub const COMPETITORS: &[(&str, &str, &str)] = &[
    ("衡准仪器", "渠道多，交期短", "高端机型精度不足"),
    ("Meridian Metrology", "Strong brand abroad", "Slow service in China"),
    ("中砺检测", "价格低", "没有本地备件库"),
    ("Halden Systems", "Integrated software", "Expensive licences"),
];
