// Made by `npm run gen` from docs/openapi.json; not edited by hand.
// sha256 8c3e3bbdfba6f102b6e34135cb8d159077a68c01ca4795ca4ebdd32a0a73bce2
export interface paths {
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The process answers · 存活检查 */
        get: operations["healthz"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Database and disk are usable (503 when not) · 就绪检查 */
        get: operations["readyz"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Figures in the Prometheus text form (loopback, or an administrator) · 指标 */
        get: operations["metrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This document · 本文档 */
        get: operations["openapi"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/docs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The document as a page · 接口文档页面 */
        get: operations["docs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/docs/docs.js": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Script of the page · 文档脚本 */
        get: operations["docs_script"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/docs/docs.css": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Style of the page · 文档样式 */
        get: operations["docs_style"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/setup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Is the workspace set up? · 初始化状态 */
        get: operations["setup_state"];
        put?: never;
        /** Make the first administrator · 创建首位管理员 */
        post: operations["setup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/demo/people": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The people of a demo workspace · 演示人员 */
        get: operations["demo_people"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/demo/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign in as one of them · 以演示人员登录 */
        post: operations["demo_session"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sample": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Is sample data offered, is it there? · 示例数据状态 */
        get: operations["sample_state"];
        put?: never;
        /** Add customers to try things on · 加入示例数据 */
        post: operations["sample_fill"];
        /** Take the sample data back · 移除示例数据 */
        delete: operations["sample_remove"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who am I · 当前会话 */
        get: operations["session"];
        put?: never;
        /** Sign in · 登录 */
        post: operations["sign_in"];
        /** Sign out · 退出登录 */
        delete: operations["sign_out"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/session/view-as": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** See as a person: administrators only, nothing can be changed, 30 minutes at most · 以他人身份查看 */
        post: operations["view_as"];
        /** End seeing as a person · 结束以他人身份查看 */
        delete: operations["end_view_as"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Change the own password · 修改密码 */
        post: operations["change_password"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/totp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** State of two-step login · 两步验证状态 */
        get: operations["totp_state"];
        put?: never;
        /** Begin two-step login · 开始设置两步验证 */
        post: operations["totp_begin"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/totp/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Confirm two-step login by a first code · 确认两步验证 */
        post: operations["totp_confirm"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/totp/disable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End two-step login · 关闭两步验证 */
        post: operations["totp_disable"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Own sessions · 我的会话 */
        get: operations["sessions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End one of the own sessions · 结束会话 */
        delete: operations["revoke_session"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/invitations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Invitation link for a person (right to edit users) · 邀请人员 */
        post: operations["invite"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/invitations/accept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take an invitation: set the password and sign in · 接受邀请 */
        post: operations["accept_invitation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/notifications": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Own notifications, newest first, and how many are unread · 我的通知 */
        get: operations["notifications"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/notifications/unread": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How many notifications are unread · 未读通知数 */
        get: operations["unread_notifications"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/notifications/{id}/read": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Mark a notification as read · 标记通知已读 */
        post: operations["read_notification"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/notifications/read": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Mark all notifications as read · 全部标记已读 */
        post: operations["read_notifications"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/notify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Which kinds of notifications the person wants · 通知偏好 */
        get: operations["notify_prefs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Say which kinds of notifications are wanted · 修改通知偏好 */
        patch: operations["set_notify_prefs"];
        trace?: never;
    };
    "/api/v1/me/preferences": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the person's pages remember · 页面偏好 */
        get: operations["preferences"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Remember or (with null) forget page settings by name · 修改页面偏好 */
        patch: operations["set_preferences"];
        trace?: never;
    };
    "/api/v1/me/pools": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Public pools the caller sits at · 我的公海 */
        get: operations["my_pools"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Own API tokens · 我的 API 令牌 */
        get: operations["tokens"];
        put?: never;
        /** Make a token; the secret is shown once · 新建 API 令牌 */
        post: operations["create_token"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revoke a token · 吊销 API 令牌 */
        delete: operations["revoke_token"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/meta/model": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The model as the caller may use it · 模型 */
        get: operations["model"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/meta/custom": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What administrators added, as text (TOML) · 导出自定义模型 */
        get: operations["custom_model"];
        put?: never;
        /** Plan or apply custom objects and fields · 应用自定义模型 */
        post: operations["apply_model"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/meta/formula": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Check a formula and try it on a record · 检查公式并在一条记录上试算 */
        post: operations["try_formula"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/meta/guess": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The object an uploaded sheet would become: fields, types, title · 按表格猜测对象与字段 */
        post: operations["guess_object"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Search over all objects · 全局搜索 */
        get: operations["search"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/changes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Changes after a cursor · 变更日志 */
        get: operations["changes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Changes as they happen (server-sent events) · 变更事件流 */
        get: operations["events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/files": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Attach a file to a record (multipart: object, id, field, file) · 上传附件 */
        post: operations["upload_file"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/files/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The content of an attachment · 下载附件 */
        get: operations["download_file"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/import/uploads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Read CSV and XLSX files and propose a mapping (multipart: object?, file …, plan?) · 上传导入文件 */
        post: operations["import_upload"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/import/questions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What a plan leaves open for the files: each question once · 导入方案中待确认的内容 */
        post: operations["import_questions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/import/plan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The plan as text, for the command line and for the next time · 导出导入方案 */
        post: operations["import_plan"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/import/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Start an import, or a dry run · 开始导入 */
        post: operations["import_start"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/import/jobs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How far an import is · 导入进度 */
        get: operations["import_state"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/import/jobs/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End an import after the current batch · 停止导入 */
        post: operations["import_cancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/import/jobs/{id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Go on with an import · 继续导入 */
        post: operations["import_resume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/import/jobs/{id}/undo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take an import back · 撤销导入 */
        post: operations["import_undo"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/import/jobs/{id}/errors.xlsx": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The refused rows with the reasons beside them · 下载错误行 */
        get: operations["import_errors"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{object}/batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Up to 10,000 operations, a result for each · 批量操作 */
        post: operations["batch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/batches/{id}/undo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take back a batch, an import or a merge · 撤销一批更改 */
        post: operations["undo"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{object}/bulk": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Change many records at once, as a job of the server · 后台批量修改 */
        post: operations["bulk_start"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/bulk": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The caller's bulk jobs, the newest first · 我的批量任务 */
        get: operations["bulk_jobs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/bulk/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How far a bulk job is · 批量任务进度 */
        get: operations["bulk_state"];
        put?: never;
        post?: never;
        /** Forget a bulk job that has ended · 清除已结束的批量任务 */
        delete: operations["bulk_forget"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/bulk/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End a bulk job after the current batch · 停止批量任务 */
        post: operations["bulk_cancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/bulk/{id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Go on with a bulk job · 继续批量任务 */
        post: operations["bulk_resume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/bulk/{id}/undo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take a bulk job back as a whole · 撤销批量任务 */
        post: operations["bulk_undo"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/bulk/{id}/refused": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Records a bulk job left as they are, and why · 未能处理的记录 */
        get: operations["bulk_refused"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/bulk/{id}/refused.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The same as a file · 下载未能处理的记录 */
        get: operations["bulk_refused_file"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{object}/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the caller may see, as a file · 导出 */
        get: operations["export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{object}/{id}/readers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who sees a record, who may change it, and why · 谁能看到，为什么 */
        get: operations["readers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{object}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List · 列表 */
        get: operations["list"];
        put?: never;
        /** Create · 新建 */
        post: operations["create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{object}/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read one · 查看 */
        get: operations["get"];
        put?: never;
        post?: never;
        /** To the recycle bin, or with `purge` removed for good · 删除 */
        delete: operations["delete"];
        options?: never;
        head?: never;
        /** Change · 修改 */
        patch: operations["update"];
        trace?: never;
    };
    "/api/v1/{object}/{id}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Out of the recycle bin · 从回收站恢复 */
        post: operations["restore"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{object}/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Changes of one record, newest first · 变更历史 */
        get: operations["history"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{object}/duplicates": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Possible duplicates of data not yet written · 查重 */
        post: operations["duplicates"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{object}/aggregate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Groups and measures · 分组统计 */
        post: operations["aggregate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{object}/{id}/mentionable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** People who may be called on a record, and whether they see it · 可提及的人 */
        get: operations["mentionable"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{object}/{id}/presence": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Says that a page shows the record; answers who else looks at it · 谁正在查看 */
        post: operations["presence"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{object}/{id}/actions/{action}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Run an action on a record · 对记录执行操作 */
        post: operations["act"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/{object}/actions/{action}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Run an action on the object · 对对象执行操作 */
        post: operations["act_on_object"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Any: unknown;
        FieldProblem: {
            field: string;
            code: string;
            params: {
                [key: string]: unknown;
            };
            message: string;
        };
        Problem: {
            type: string;
            title: string;
            status: number;
            code: string;
            params?: {
                [key: string]: unknown;
            };
            errors?: components["schemas"]["FieldProblem"][];
            fields?: string[];
            version?: number;
            /** Format: uuid */
            moved_to?: string;
            object?: string;
            right?: string;
            results?: components["schemas"]["BatchRow"][];
            trace_id: string;
        };
        Health: {
            status: string;
            version: string;
            checks?: {
                [key: string]: string;
            };
        };
        /** @description An exact decimal: "12.50" */
        Decimal: string;
        DecimalInput: string | number;
        Money: {
            amount: components["schemas"]["Decimal"];
            currency: string;
            rate: components["schemas"]["Decimal"];
            base: components["schemas"]["Decimal"];
        };
        MoneyInput: (string | number) | {
            amount: components["schemas"]["DecimalInput"];
            currency?: string;
        };
        Phone: {
            raw: string;
            e164: string | null;
            ext: string | null;
            country: string | null;
            kind: string;
        };
        PhoneInput: string | {
            raw: string;
            ext?: string | null;
            country?: string | null;
        };
        Address: {
            country?: string | null;
            province?: string | null;
            city?: string | null;
            district?: string | null;
            town?: string | null;
            code?: string | null;
            detail?: string | null;
            postcode?: string | null;
        };
        Geo: {
            lat: number;
            lng: number;
            /** @enum {string} */
            datum?: "wgs84" | "gcj02" | "bd09";
        };
        RecordRef: {
            object: string;
            /** Format: uuid */
            id: string;
        };
        ReferenceInput: string | {
            [key: string]: string;
        };
        Expanded: {
            object: string;
            /** Format: uuid */
            id: string;
            title: string;
        };
        Expand: {
            [key: string]: components["schemas"]["Expanded"] | components["schemas"]["Expanded"][];
        };
        /** @description Opaque */
        Cursor: string | null;
        Count: {
            value: number;
            capped: boolean;
        };
        Label: {
            en: string;
            zh: string;
        };
        Actor: {
            id: string | null;
            name?: string | null;
            via?: unknown;
        } & {
            [key: string]: unknown;
        };
        Record: {
            /** Format: uuid */
            id: string;
            version: number;
            /** Format: date-time */
            created_at?: string;
            /** Format: date-time */
            updated_at?: string;
            deleted_at?: string | null;
            $expand?: components["schemas"]["Expand"];
            $masked?: string[];
            $warnings?: unknown[];
        } & {
            [key: string]: unknown;
        };
        RecordPage: {
            data: components["schemas"]["Record"][];
            next: components["schemas"]["Cursor"];
            count?: components["schemas"]["Count"];
        };
        RecordInput: {
            [key: string]: unknown;
        };
        /** @enum {string} */
        FilterOp: "eq" | "ne" | "lt" | "lte" | "gt" | "gte" | "between" | "in" | "nin" | "contains" | "starts" | "is_empty" | "not_empty" | "any" | "all" | "none" | "within";
        FilterLeaf: {
            field: string;
            op: components["schemas"]["FilterOp"];
            value?: unknown;
        };
        Filter: components["schemas"]["FilterLeaf"] | {
            and: components["schemas"]["Filter"][];
        } | {
            or: components["schemas"]["Filter"][];
        } | {
            not: components["schemas"]["Filter"];
        };
        FieldChange: {
            field: string;
            before?: unknown;
            after?: unknown;
        };
        HistoryEntry: {
            seq: number;
            /** Format: date-time */
            at: string;
            op: string;
            actor: components["schemas"]["Actor"] | null;
            via: string;
            act: string | null;
            reason: string | null;
            changes: components["schemas"]["FieldChange"][];
        };
        History: {
            data: components["schemas"]["HistoryEntry"][];
            next: number | null;
        };
        Why: {
            by: string;
            object?: string;
        };
        Reader: {
            user: {
                /** Format: uuid */
                id: string;
                name: string;
            };
            read: boolean;
            edit: boolean;
            why: components["schemas"]["Why"][];
        };
        Readers: {
            data: components["schemas"]["Reader"][];
            next: string | null;
        };
        DuplicateQuery: {
            data: {
                [key: string]: unknown;
            };
            /** Format: uuid */
            id?: string;
        };
        Duplicate: {
            object: string;
            id: string | null;
            title: unknown;
            score: number;
            keys: string[];
            visible: boolean;
            owner: unknown;
            department: unknown;
            pool: unknown;
            offer: string | null;
        };
        Duplicates: {
            data: components["schemas"]["Duplicate"][];
        };
        ActionInput: {
            [key: string]: unknown;
        };
        ActionOutput: unknown;
        Measure: {
            /** @enum {string} */
            fn: "count" | "count_distinct" | "sum" | "avg" | "min" | "max";
            field?: string;
        };
        AggregateQuery: {
            filter?: components["schemas"]["Filter"];
            group?: string[];
            measures?: components["schemas"]["Measure"][];
            having?: unknown;
            sort?: unknown;
            limit?: number;
            q?: string;
        };
        Group: {
            key: {
                [key: string]: unknown;
            };
            values: (string | null)[];
        };
        AggregateAnswer: {
            groups: components["schemas"]["Group"][];
        } & {
            [key: string]: unknown;
        };
        BatchChild: {
            object: string;
            /** @description Its field that points to the record made */
            via: string;
            data: {
                [key: string]: unknown;
            };
        };
        BatchOp: {
            /** @enum {string} */
            op: "create" | "update" | "delete" | "restore";
            /** Format: uuid */
            id?: string;
            data?: {
                [key: string]: unknown;
            };
            version?: number;
            children?: components["schemas"]["BatchChild"][];
        };
        Batch: {
            ops: components["schemas"]["BatchOp"][];
            atomic?: boolean;
        };
        BatchRow: {
            status: number;
            /** Format: uuid */
            id?: string;
            version?: number;
            error?: components["schemas"]["Problem"];
        };
        BulkChange: {
            /** @enum {string} */
            kind: "update" | "tags" | "delete" | "action";
            data?: {
                [key: string]: unknown;
            };
            add?: string[];
            remove?: string[];
            action?: string;
            input?: unknown;
        };
        BulkStart: {
            filter?: unknown;
            q?: string | null;
            except?: string[];
            ids?: string[];
            change: components["schemas"]["BulkChange"];
        };
        BulkJob: {
            /** Format: uuid */
            id: string;
            object: string;
            change: components["schemas"]["BulkChange"];
            /** @enum {string} */
            status: "running" | "done" | "cancelled" | "failed" | "undoing" | "undone";
            collected: boolean;
            total: number;
            done: number;
            changed: number;
            unchanged: number;
            refused: number;
            /** Format: date-time */
            began_at: string;
            /** Format: uuid */
            batch_id: string;
            undoable: boolean;
            error: string | null;
        };
        BulkJobs: {
            data: components["schemas"]["BulkJob"][];
        };
        BulkRefusedRow: {
            at: number;
            /** Format: uuid */
            id: string;
            title: string | null;
            errors: {
                field: string;
                code: string;
                params: {
                    [key: string]: unknown;
                };
                message: string;
            }[];
        };
        BulkRefused: {
            data: components["schemas"]["BulkRefusedRow"][];
            next: string | null;
        };
        BatchResult: {
            results: components["schemas"]["BatchRow"][];
            /** Format: uuid */
            batch_id: string;
            complete?: boolean;
        };
        Highlight: {
            field: string;
            ranges: [
                number,
                number
            ][];
        };
        Hit: {
            object: string;
            /** Format: uuid */
            id: string;
            title: string;
            subtitle: string;
            highlights: components["schemas"]["Highlight"][];
            score: number;
        };
        SearchAnswer: {
            hits: components["schemas"]["Hit"][];
        };
        Change: {
            seq: number;
            /** Format: date-time */
            at: string;
            object: string;
            /** Format: uuid */
            id: string;
            op: string;
            fields: string[];
            actor: components["schemas"]["Actor"];
            version: number;
            batch?: string | null;
            act?: string | null;
        };
        Changes: {
            data: components["schemas"]["Change"][];
            next: number;
        };
        Organisation: {
            name: string;
            label: components["schemas"]["Label"];
        };
        SessionUser: {
            /** Format: uuid */
            id: string;
            name: string;
            username?: string;
            email?: string | null;
            title?: string | null;
            main_dept?: unknown;
            timezone?: string | null;
            locale: string;
            is_admin: boolean;
            leads: boolean;
            $expand?: components["schemas"]["Expand"];
        } & {
            [key: string]: unknown;
        };
        Session: {
            user: components["schemas"]["SessionUser"];
            organisation: components["schemas"]["Organisation"];
            demo: boolean;
            via: string;
            view_as?: components["schemas"]["ViewedBy"];
        };
        ViewedBy: {
            by: {
                /** Format: uuid */
                id: string;
                name: string;
            };
            /** Format: date-time */
            until: string;
        };
        ViewAs: {
            /** Format: uuid */
            user_id: string;
        };
        SignIn: {
            login: string;
            password: string;
            totp?: string | null;
        };
        SetupState: {
            needed: boolean;
            demo: boolean;
            secret_required: boolean;
            organisation: components["schemas"]["Organisation"];
        };
        Setup: {
            name: string;
            email: string;
            password: string;
            organisation: string;
            secret?: string | null;
            locale?: string | null;
        };
        SampleState: {
            offered: boolean;
            present: boolean;
            running: boolean;
        };
        SampleFilled: {
            running: boolean;
            made?: number;
        };
        SampleRemoved: {
            running: boolean;
            removed?: number;
            kept?: number;
            reasons?: {
                [key: string]: number;
            };
        };
        DemoPick: {
            /** Format: uuid */
            user_id: string;
        };
        ChangePassword: {
            old: string;
            new: string;
        };
        PasswordOnly: {
            password: string;
        };
        Code: {
            code: string;
        };
        TotpEnrolment: {
            url: string;
            secret: string;
            recovery_codes: string[];
        };
        SecondStep: {
            enabled: boolean;
            recovery_left: number;
            has_password: boolean;
        };
        OpenSession: {
            id: string;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            last_used_at: string;
            /** Format: date-time */
            expires_at: string;
            device: string;
            ip: string | null;
            current: boolean;
        };
        Sessions: {
            data: components["schemas"]["OpenSession"][];
        };
        TokenInfo: {
            id: string;
            name: string;
            prefix: string;
            scopes: string[] | null;
            ip_allow: string[];
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            expires_at: string;
            last_used_at: string | null;
            /** @enum {string} */
            state: "active" | "expired" | "revoked";
        };
        Tokens: {
            data: components["schemas"]["TokenInfo"][];
        };
        NewToken: {
            name: string;
            scopes?: string[] | null;
            ip_allow?: string[];
            days?: number;
        };
        Token: {
            /** Format: uuid */
            id: string;
            secret: string;
            /** Format: date-time */
            expires_at: string;
        };
        Notifications: {
            data: components["schemas"]["Record"][];
            next?: string | null;
            unread: number;
        };
        Unread: {
            unread: number;
        };
        MarkedRead: {
            read: number;
        };
        NotifyPrefs: {
            mention: boolean;
            assigned: boolean;
            unanswered: boolean;
            recycle: boolean;
            shared: boolean;
            comment: boolean;
            changed: boolean;
            waiting: boolean;
        };
        NotifyPrefsInput: {
            mention?: boolean;
            assigned?: boolean;
            unanswered?: boolean;
            recycle?: boolean;
            shared?: boolean;
            comment?: boolean;
            changed?: boolean;
            waiting?: boolean;
        };
        Preferences: {
            [key: string]: unknown;
        };
        Mentionables: {
            data: {
                /** Format: uuid */
                id: string;
                name: string;
                title: string | null;
                sees: boolean;
            }[];
        };
        Pools: {
            data: {
                /** Format: uuid */
                id: string;
                name: string;
                /** @enum {string} */
                object: "lead" | "account";
                /** @enum {string} */
                seat: "member" | "admin";
                hidden: string[];
                waiting: number;
                more: boolean;
            }[];
        };
        Presence: {
            tab?: string;
            editing?: boolean;
            leave?: boolean;
        };
        Present: {
            people: {
                /** Format: uuid */
                id: string;
                name: string;
                editing: boolean;
            }[];
        };
        Invite: {
            /** Format: uuid */
            user_id: string;
        };
        Invitation: {
            secret: string;
            path: string;
            valid_for_seconds: number;
        };
        AcceptInvitation: {
            secret: string;
            password: string;
            totp?: string | null;
        };
        /** @enum {string} */
        FieldType: "text" | "long" | "rich" | "int" | "dec" | "money" | "pct" | "bool" | "date" | "dt" | "time" | "dur" | "pick" | "multi" | "tags" | "phone" | "email" | "url" | "addr" | "geo" | "file" | "img" | "ref" | "refs" | "md" | "poly" | "roll" | "calc" | "auto" | "user" | "users" | "dept" | "depts" | "rating" | "json" | "id";
        Condition: {
            formula: string;
            /** @description The formula's tree; absent: only the server can judge it */
            tree?: unknown[];
        };
        FieldMeta: {
            name: string;
            type: components["schemas"]["FieldType"];
            label: components["schemas"]["Label"];
            /** @enum {string} */
            access: "read" | "edit";
            section?: string;
            required?: boolean;
            unique?: boolean;
            system?: boolean;
            custom?: boolean;
            mask?: unknown;
            help?: components["schemas"]["Label"];
            default?: unknown;
            default_by_formula?: boolean;
            visible_if?: components["schemas"]["Condition"];
            required_if?: components["schemas"]["Condition"];
            readonly_if?: components["schemas"]["Condition"];
            filterable?: boolean;
            sortable?: boolean;
            groupable?: boolean;
            multiple?: boolean;
            target?: string;
            targets?: string[];
            scale?: number;
            picklist?: string;
            min?: unknown;
            max?: unknown;
            unit_price?: boolean;
            result?: components["schemas"]["FieldType"];
        };
        ActionMeta: {
            name: string;
            label: components["schemas"]["Label"];
            /** @enum {string} */
            scope: "record" | "object";
            right: unknown;
            from: string[];
            /** @description JSON schema of the input */
            input: {
                [key: string]: unknown;
            };
        };
        TransitionMeta: {
            action: string;
            from: string[];
            to: string;
            label: components["schemas"]["Label"];
            requires: string[];
        };
        SectionMeta: {
            key: string;
            label: components["schemas"]["Label"];
        };
        LayoutMeta: {
            when?: {
                field: string;
                is: string;
            };
            /** @enum {string} */
            device?: "phone";
            sections: {
                key: string;
                label: components["schemas"]["Label"];
                fields: string[];
            }[];
            facts: string[];
        };
        RelatedMeta: {
            object: string;
            field: string;
        };
        ObjectMeta: {
            name: string;
            kind: string;
            label: components["schemas"]["Label"];
            plural: components["schemas"]["Label"];
            icon: string | null;
            area: string | null;
            position: number;
            title: string;
            subtitle: string[];
            person_name: boolean;
            default_sort: string | null;
            board: string | null;
            status: string | null;
            list: string[];
            card: string[];
            facts: string[];
            related: components["schemas"]["RelatedMeta"][];
            sections: components["schemas"]["SectionMeta"][];
            layouts: components["schemas"]["LayoutMeta"][];
            custom: boolean;
            rights: {
                create: boolean;
                read: boolean;
                edit: boolean;
                delete: boolean;
                transfer: boolean;
                export: boolean;
                import: boolean;
                share: boolean;
                merge: boolean;
                convert: boolean;
                mass_edit: boolean;
            };
            actions: components["schemas"]["ActionMeta"][];
            transitions: components["schemas"]["TransitionMeta"][];
            fields: components["schemas"]["FieldMeta"][];
        };
        PickValue: {
            key: string;
            label: components["schemas"]["Label"];
            color: string | null;
            active: boolean;
        };
        PicklistMeta: {
            label: components["schemas"]["Label"];
            default: string | null;
            system: boolean;
            values: components["schemas"]["PickValue"][];
        };
        AreaMeta: {
            name: string;
            label: components["schemas"]["Label"];
        };
        Model: {
            version: string;
            locale: string;
            currency: string;
            zone: string;
            objects: components["schemas"]["ObjectMeta"][];
            picklists: {
                [key: string]: components["schemas"]["PicklistMeta"];
            };
            areas: components["schemas"]["AreaMeta"][];
            functions: string[];
        };
        FormulaTrial: {
            object: string;
            formula: string;
            result?: ("text" | "int" | "dec" | "money" | "pct" | "bool" | "date" | "dt" | "dur") | null;
            scale?: number | null;
            id?: string | null;
            count?: boolean | null;
        };
        TriedRecord: {
            id: string;
            title: string;
        };
        FormulaCount: {
            count: number;
            capped: boolean;
            among: number | null;
            ids: string[];
        };
        FormulaResult: {
            value: unknown;
            beyond: boolean;
            record: components["schemas"]["TriedRecord"] | null;
            records: components["schemas"]["TriedRecord"][];
            broken: components["schemas"]["FormulaCount"] | null;
        };
        ModelText: {
            text: string;
            dry_run?: boolean;
            retire_all?: boolean;
        };
        ModelChange: {
            /** @enum {string} */
            op: "add" | "change" | "retire";
            name: string;
            kind?: string;
            type?: string;
            fields?: string[];
        };
        ModelPlan: {
            version: number;
            applied: boolean;
            changes: components["schemas"]["ModelChange"][];
            steps: number;
        };
        ColumnValue: {
            value: string;
            count: number;
        };
        SheetColumn: {
            header: string;
            samples: (string | null)[];
            values: components["schemas"]["ColumnValue"][] | null;
        };
        ProposedMapping: {
            column?: string;
            field: string | null;
            values?: {
                [key: string]: string | null;
            };
            lookup?: string | null;
            among?: unknown;
            /** @enum {string} */
            missing?: "error" | "empty" | "create";
            template?: string | null;
            blank?: {
                column?: string;
                value?: string;
            }[];
            date?: ("ymd" | "mdy" | "dmy") | null;
            times?: string | null;
            confidence: number;
            why: components["schemas"]["Label"] | null;
        };
        ImportSheet: {
            file: string;
            name: string;
            rows: number;
            columns: components["schemas"]["SheetColumn"][];
            suggested_object: string | null;
            mapping: components["schemas"]["ProposedMapping"][];
        };
        ImportUpload: {
            /** Format: uuid */
            upload_id: string;
            file_name: string;
            sheets: components["schemas"]["ImportSheet"][];
            plan: components["schemas"]["ImportSheetPlan"][] | null;
        };
        ImportColumn: {
            column?: string;
            field: string;
            values?: {
                [key: string]: string | null;
            };
            lookup?: string | null;
            among?: unknown;
            /** @enum {string} */
            missing?: "error" | "empty" | "create";
            template?: string | null;
            blank?: {
                column?: string;
                value?: string;
            }[];
            date?: ("ymd" | "mdy" | "dmy") | null;
            times?: string | null;
        };
        ImportChildPlan: {
            object: string;
            via: string;
            set?: {
                [key: string]: unknown;
            };
            map: components["schemas"]["ImportColumn"][];
        };
        ImportSheetPlan: {
            file?: string | null;
            sheet?: string | null;
            rows?: {
                [key: string]: string;
            }[];
            object: string;
            /** @enum {string} */
            mode?: "create" | "update" | "upsert";
            match?: string | null;
            match_among?: unknown;
            /** @enum {string} */
            on_duplicate?: "skip" | "update" | "create" | "error";
            distinct?: string | null;
            set?: {
                [key: string]: unknown;
            };
            set_state?: boolean;
            keep_times?: boolean;
            assign_by_rule?: boolean;
            map: components["schemas"]["ImportColumn"][];
            child?: components["schemas"]["ImportChildPlan"][];
        };
        ImportStart: {
            /** Format: uuid */
            upload_id: string;
            sheets: components["schemas"]["ImportSheetPlan"][];
            dry_run?: boolean;
        };
        ImportQuestion: {
            sheet: number;
            object: string;
            field: string;
            column: string | null;
            /** @enum {string} */
            open: "record" | "ambiguous" | "choice" | "blank";
            value: string;
            rows: number;
            first: number;
            similar: string[];
        };
        ImportQuestions: {
            questions: components["schemas"]["ImportQuestion"][];
            whole: boolean;
        };
        GuessAsk: {
            /** Format: uuid */
            upload_id: string;
            sheet?: string | null;
        };
        GuessRemark: {
            code: string;
            params: {
                [key: string]: unknown;
            };
        };
        GuessChoice: {
            key: string;
            label: string;
            count: number;
        };
        GuessColumn: {
            column: string;
            label: components["schemas"]["Label"];
            name: string;
            type: string;
            keep: boolean;
            required: boolean;
            unique: boolean;
            distinct: boolean;
            scale?: number;
            target?: string;
            lookup?: string;
            /** @enum {string} */
            date?: "ymd" | "mdy" | "dmy";
            options?: components["schemas"]["GuessChoice"][];
            samples: string[];
            filled: number;
            blank: number;
            remarks: components["schemas"]["GuessRemark"][];
        };
        GuessSheet: {
            sheet: string;
            rows: number;
            name: string;
            label: components["schemas"]["Label"];
            title: string | null;
            columns: components["schemas"]["GuessColumn"][];
        };
        ObjectGuess: {
            /** Format: uuid */
            upload_id: string;
            file_name: string;
            sheets: components["schemas"]["GuessSheet"][];
        };
        ImportJob: {
            /** Format: uuid */
            id: string;
            /** @enum {string} */
            status: "running" | "done" | "cancelled" | "failed" | "undoing" | "undone";
            dry_run: boolean;
            file_name: string;
            total: number;
            done: number;
            created: number;
            children: number;
            updated: number;
            skipped: number;
            failed: number;
            /** Format: uuid */
            batch_id: string;
            undoable: boolean;
            error: string | null;
        };
    };
    responses: {
        /** @description Refused or failed */
        Problem: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: {
        Id: string;
    };
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    healthz: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    readyz: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    metrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    openapi: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Any"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    docs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    docs_script: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/javascript": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    docs_style: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/css": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    setup_state: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SetupState"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    setup: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Setup"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    demo_people: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecordPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    demo_session: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DemoPick"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    sample_state: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SampleState"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    sample_fill: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SampleFilled"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    sample_remove: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SampleRemoved"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    session: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    sign_in: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignIn"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    sign_out: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    view_as: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ViewAs"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    end_view_as: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    change_password: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChangePassword"];
            };
        };
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    totp_state: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SecondStep"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    totp_begin: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TotpEnrolment"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    totp_confirm: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Code"];
            };
        };
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    totp_disable: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordOnly"];
            };
        };
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    sessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Sessions"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    revoke_session: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    invite: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Invite"];
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Invitation"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    accept_invitation: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AcceptInvitation"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    notifications: {
        parameters: {
            query?: {
                /** @description Only unread ones */
                unread?: boolean;
                /** @description At most so many, up to 200 */
                limit?: number;
                /** @description `next` of the page before */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Notifications"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    unread_notifications: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Unread"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    read_notification: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    read_notifications: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MarkedRead"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    notify_prefs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NotifyPrefs"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    set_notify_prefs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NotifyPrefsInput"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NotifyPrefs"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    preferences: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Preferences"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    set_preferences: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Preferences"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Preferences"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    my_pools: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Pools"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    tokens: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tokens"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    create_token: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewToken"];
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Token"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    revoke_token: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    model: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Model"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    custom_model: {
        parameters: {
            query?: {
                /** @description All roles as well */
                roles?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/toml": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    apply_model: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ModelText"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelPlan"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    try_formula: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FormulaTrial"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FormulaResult"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    guess_object: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GuessAsk"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ObjectGuess"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    search: {
        parameters: {
            query?: {
                /** @description What was typed */
                q?: string;
                /** @description Only in these */
                objects?: string;
                /** @description At most so many, up to 50 */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SearchAnswer"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    changes: {
        parameters: {
            query?: {
                /** @description Last number already known; 0 from the beginning */
                after?: number;
                /** @description At most so many, up to 1000 */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Changes"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    events: {
        parameters: {
            query?: {
                /** @description Resume after this number (browsers send `Last-Event-ID`) */
                after?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    upload_file: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": {
                    /** Format: binary */
                    file: string;
                    object?: string;
                    id?: string;
                    field?: string;
                };
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Record"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    download_file: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    import_upload: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": {
                    /** Format: binary */
                    file: string;
                    object?: string;
                    id?: string;
                    field?: string;
                };
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportUpload"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    import_questions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ImportStart"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportQuestions"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    import_plan: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ImportStart"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/toml": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    import_start: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ImportStart"];
            };
        };
        responses: {
            /** @description Done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportJob"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    import_state: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportJob"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    import_cancel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportJob"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    import_resume: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportJob"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    import_undo: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportJob"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    import_errors: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    batch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                object: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Batch"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BatchResult"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    undo: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BatchResult"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    bulk_start: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                object: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BulkStart"];
            };
        };
        responses: {
            /** @description Done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BulkJob"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    bulk_jobs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BulkJobs"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    bulk_state: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BulkJob"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    bulk_forget: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    bulk_cancel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BulkJob"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    bulk_resume: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BulkJob"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    bulk_undo: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BulkJob"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    bulk_refused: {
        parameters: {
            query?: {
                /** @description At most 200 */
                limit?: number;
                /** @description `next` of the page before */
                cursor?: string;
            };
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BulkRefused"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    bulk_refused_file: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv; charset=utf-8": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    export: {
        parameters: {
            query?: {
                /** @description Form of the file */
                format?: "csv" | "xlsx" | "vcf";
                /** @description Filter, as JSON or in the text form */
                filter?: string;
                /** @description `-close_on,name` */
                sort?: string;
                /** @description At most so many, up to 200 */
                limit?: number;
                /** @description `next` of the page before */
                cursor?: string;
                /** @description Only these fields */
                fields?: string;
                /** @description References whose titles are wanted */
                expand?: string;
                /** @description Counting */
                count?: "none" | "capped" | "exact";
                /** @description Text searched within the object */
                q?: string;
                /** @description The recycle bin */
                deleted?: boolean;
            };
            header?: never;
            path: {
                object: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    readers: {
        parameters: {
            query?: {
                /** @description Only this person, with an answer also when the record is not seen */
                user_id?: string;
                /** @description `next` of the page before */
                cursor?: string;
            };
            header?: never;
            path: {
                object: string;
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Readers"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    list: {
        parameters: {
            query?: {
                /** @description Filter, as JSON or in the text form */
                filter?: string;
                /** @description `-close_on,name` */
                sort?: string;
                /** @description At most so many, up to 200 */
                limit?: number;
                /** @description `next` of the page before */
                cursor?: string;
                /** @description Only these fields */
                fields?: string;
                /** @description References whose titles are wanted */
                expand?: string;
                /** @description Counting */
                count?: "none" | "capped" | "exact";
                /** @description Text searched within the object */
                q?: string;
                /** @description The recycle bin */
                deleted?: boolean;
                /** @description Id of a public pool the caller sits at: what waits there, as members see it */
                pool?: string;
            };
            header?: never;
            path: {
                object: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecordPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    create: {
        parameters: {
            query?: {
                /** @description Go on in spite of a duplicate (right `duplicate.override`) */
                override_duplicates?: boolean;
                /** @description Set any state (right `import.set_state`) */
                set_state?: boolean;
                /** @description Keep the times of creation and change given in the data (administrators) */
                keep_times?: boolean;
            };
            header?: never;
            path: {
                object: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RecordInput"];
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Record"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get: {
        parameters: {
            query?: {
                /** @description Only these fields */
                fields?: string;
                /** @description References whose titles are wanted */
                expand?: string;
                /** @description The record as it was at this instant (RFC 3339) */
                as_of?: string;
            };
            header?: never;
            path: {
                object: string;
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Record"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    delete: {
        parameters: {
            query?: {
                /** @description Remove for good */
                purge?: boolean;
            };
            header?: never;
            path: {
                object: string;
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    update: {
        parameters: {
            query?: {
                /** @description Go on in spite of a duplicate (right `duplicate.override`) */
                override_duplicates?: boolean;
                /** @description Set any state (right `import.set_state`) */
                set_state?: boolean;
                /** @description Keep the times of creation and change given in the data (administrators) */
                keep_times?: boolean;
            };
            header?: {
                /** @description The version the caller saw */
                "If-Match"?: string;
            };
            path: {
                object: string;
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RecordInput"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Record"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    restore: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                object: string;
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Record"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    history: {
        parameters: {
            query?: {
                /** @description `next` of the page before */
                cursor?: number;
                /** @description At most so many, up to 200 */
                limit?: number;
            };
            header?: never;
            path: {
                object: string;
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["History"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    duplicates: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                object: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DuplicateQuery"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Duplicates"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    aggregate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                object: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AggregateQuery"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AggregateAnswer"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    mentionable: {
        parameters: {
            query?: {
                /** @description What was typed: name, pinyin, initials */
                q?: string;
                /** @description At most so many, up to 20 */
                limit?: number;
            };
            header?: never;
            path: {
                object: string;
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Mentionables"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    presence: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                object: string;
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Presence"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Present"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    act: {
        parameters: {
            query?: never;
            header?: {
                /** @description The version the caller saw */
                "If-Match"?: string;
            };
            path: {
                object: string;
                id: components["parameters"]["Id"];
                action: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ActionInput"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActionOutput"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    act_on_object: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                object: string;
                action: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ActionInput"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActionOutput"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
}
